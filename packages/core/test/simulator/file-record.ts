import type { PeerId } from '@patchbay/protocol'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { FileShare, SourceFile, Transfer } from '../../src/files/index.ts'
import { fileOf } from '../support/file-side.ts'

/** File sizes of a schedule, in order: several chunks and a rest, exactly one chunk, empty. */
const SIZES = [300_001, 65_524, 0]

/** The part of a page that files use. */
interface Sharer {
  readonly name: string
  readonly id: PeerId
  readonly open: { readonly files: FileShare } | undefined
}

interface Sent {
  readonly from: string
  readonly to: readonly PeerId[]
  readonly file: SourceFile
  readonly sha256: string
}

/** Record of all files offered, with sender and receiver. */
export class FileRecord {
  readonly #sent: Sent[] = []

  /** Offers a new file to `to`. */
  send({ name, open }: Sharer, to: readonly PeerId[]): void {
    const count = this.#sent.length
    const size = SIZES[count]
    if (open === undefined || to.length === 0 || size === undefined) return
    const file = fileOf(size, `file ${count}`, count)
    this.#sent.push({ from: name, to, file, sha256: bytesToHex(sha256(file.bytes)) })
    open.files.offer(file, to)
  }

  /** After a reload, a person chooses the same files again. */
  sendAgain({ name, open }: Sharer): void {
    for (const { from, to, file } of this.#sent) if (from === name) open?.files.offer(file, to)
  }

  /** @returns transfers between two present people that are unfinished or have the wrong result. */
  problems(pages: readonly Sharer[]): string[] {
    return this.#sent.flatMap((sent) => {
      const sender = pages.find(({ name }) => name === sent.from)
      return sent.to.flatMap((id) => {
        const receiver = pages.find((page) => page.id === id)
        if (sender?.open === undefined || receiver?.open === undefined) return []
        const out = verdict(find(sender.open.files, 'out', id, sent), sent)
        const found = find(receiver.open.files, 'in', sender.id, sent)
        // A page opened after the transfer was complete does not know of it.
        const arrived = found === undefined && out === 'whole' ? 'whole' : verdict(found, sent)
        return [out, arrived].every((one) => one === 'whole')
          ? []
          : [`${sent.file.name} of ${sender.name} is ${out} there, ${arrived} at ${receiver.name}`]
      })
    })
  }
}

function find(share: FileShare, direction: 'in' | 'out', peer: PeerId, { file }: Sent): Transfer | undefined {
  return share.getSnapshot().find((one) => one.direction === direction && one.peer === peer && one.name === file.name)
}

function verdict(transfer: Transfer | undefined, sent: Sent): string {
  if (transfer === undefined) return 'unknown'
  const { state } = transfer
  if (state.phase === 'stopped') return `stopped (${state.why})`
  if (state.phase !== 'done') return state.phase
  const whole = state.sha256 === sent.sha256 && (state.file?.size ?? sent.file.size) === sent.file.size
  return whole ? 'whole' : 'another file'
}
