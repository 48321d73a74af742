import type { ConversationEntry } from '@patchbay/core/conversation'
import type { Transfer } from '@patchbay/core/files'
import type { PeerId } from '@patchbay/protocol'
import type { FileEntry, LogEntry } from './log-entries'

/** Key of the entry that a transfer belongs to: a file that is offered to several people at once is one entry. */
export function fileKeyOf({ key, id, direction, at }: Transfer): string {
  return direction === 'in' ? `file ${key} ${at}` : `file out ${id} ${at}`
}

const grouped = new WeakMap<readonly Transfer[], ReadonlyMap<string, readonly Transfer[]>>()

/** The transfers of each entry, by its key. Each list is gone through once, however many entries ask. */
export function transfersByEntry(transfers: readonly Transfer[]): ReadonlyMap<string, readonly Transfer[]> {
  const known = grouped.get(transfers)
  if (known !== undefined) return known
  const groups = new Map<string, Transfer[]>()
  for (const transfer of transfers) {
    const key = fileKeyOf(transfer)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [transfer])
    else group.push(transfer)
  }
  grouped.set(transfers, groups)
  return groups
}

/**
 * The entries of all transfers, oldest first. A sender keeps the name that the entry had in `before`: they may be gone.
 * @param nameOf the name of a person, `undefined` for this one. @returns `before` itself if nothing is different.
 */
export function fileEntries(
  transfers: readonly Transfer[],
  before: readonly FileEntry[],
  nameOf: (peer: PeerId | undefined) => string | undefined,
): readonly FileEntry[] {
  const known = new Map(before.map((entry) => [entry.key, entry]))
  const entries = [...transfersByEntry(transfers)].flatMap(([key, [transfer]]): FileEntry[] => {
    if (transfer === undefined) return []
    const { name: fileName, at, peer, direction } = transfer
    const from = direction === 'in' ? peer : undefined
    const old = known.get(key)
    const name = nameOf(from) ?? old?.name ?? ''
    return [old?.name === name ? old : { kind: 'file', key, from, name, fileName, at }]
  })
  const sorted = entries.toSorted((a, b) => a.at - b.at)
  const isSame = sorted.length === before.length && sorted.every((entry, index) => entry === before[index])
  return isSame ? before : sorted
}

/**
 * One log of messages and files: a file comes after what was said until then. What was said before this client came is older
 * than any file it knows of.
 */
export function joinByTime(entries: readonly ConversationEntry[], files: readonly FileEntry[]): readonly LogEntry[] {
  if (files.length === 0) return entries
  const joined: LogEntry[] = []
  let next = 0
  for (const entry of entries) {
    const at = entry.kind === 'message' && entry.earlier !== undefined ? -Infinity : entry.at
    for (let file = files[next]; file !== undefined && file.at < at; file = files[next]) {
      joined.push(file)
      next += 1
    }
    joined.push(entry)
  }
  return [...joined, ...files.slice(next)]
}
