import type { PeerId } from '@patchbay/protocol'
import type { IncomingFile } from './incoming-file.ts'
import type { OutgoingFile } from './outgoing-file.ts'
import type { Transfer } from './transfer.ts'

/** Unanswered offers allowed per peer. */
export const MAX_OFFERS = 32
/** Files listed per peer beside those that arrived whole; stopped transfers are removed to make room for new ones. */
const MAX_LISTED = 256
/** Files of one peer that arrived whole and were not dismissed, after which no more are taken. */
const MAX_DONE = 1_024

/** The files from and to one peer, as the page shows them. */
export function listTransfers(
  peer: PeerId,
  incoming: Iterable<IncomingFile>,
  outgoing: Iterable<OutgoingFile>,
): Transfer[] {
  const received = [...incoming].filter(isListed).map(({ request: { id, size, name, mime }, at, state }) => {
    const about = { name, size, mime, at, source: undefined, state }
    return { key: `in ${peer} ${id}`, id, peer, direction: 'in' as const, ...about }
  })
  const sent = [...outgoing].filter(isListed).map(({ id, name, file, at, state }) => {
    const about = { name, size: file.size, mime: file.type, at, source: file, state }
    return { key: `out ${peer} ${id}`, id, peer, direction: 'out' as const, ...about }
  })
  return [...received, ...sent]
}

/** Whether this end has stopped it. */
export const isStoppedByUs = ({ state }: IncomingFile | OutgoingFile): boolean =>
  state.phase === 'stopped' && state.byUs

const isListed = (file: IncomingFile | OutgoingFile) => file.isListed

/** @returns `next`, with the transfers that have not changed as they were in `before`: the same objects. */
export function keepUnchanged(before: readonly Transfer[], next: readonly Transfer[]): readonly Transfer[] {
  const known = new Map(before.map((transfer) => [transfer.key, transfer]))
  return next.map((transfer) => {
    const same = known.get(transfer.key)
    return same?.state === transfer.state && same.at === transfer.at ? same : transfer
  })
}

/** Accepted files are given up when nothing comes of any for this long, on a path that works. */
const STALLED_MS = 60_000

/** @returns the files that are being received, and those of them to give up: all, if nothing of any has come for long. */
export function movingOf(
  incoming: readonly IncomingFile[],
  now: number,
): { readonly moving: readonly IncomingFile[]; readonly stalled: readonly IncomingFile[] } {
  const moving = incoming.filter(({ state }) => state.phase === 'moving')
  const isStalled = now - Math.max(...incoming.map(({ movedAt }) => movedAt)) >= STALLED_MS
  return { moving, stalled: isStalled ? moving : [] }
}

/**
 * Makes room for one more file in the list of those that a peer has offered.
 * @param drop takes a file off the list. @returns whether there is room.
 */
export function makeRoom(incoming: ReadonlyMap<string, IncomingFile>, drop: (id: string) => void): boolean {
  let offers = 0
  let listed = 0
  let oldest: string | undefined
  for (const [id, { state }] of incoming) {
    if (state.phase !== 'done') listed += 1
    if (state.phase === 'offered') offers += 1
    else if (state.phase === 'stopped') oldest ??= id
  }
  if (offers >= MAX_OFFERS) return false
  if (listed < MAX_LISTED) return true
  if (oldest !== undefined) drop(oldest)
  return oldest !== undefined
}

/** @returns whether an offer cannot be accepted, because so many of `all` files of its peer are there and were not dismissed. */
export function isTooMany({ state }: IncomingFile, all: Iterable<IncomingFile>): boolean {
  return state.phase === 'offered' && [...all].filter((one) => one.state.phase === 'done').length >= MAX_DONE
}
