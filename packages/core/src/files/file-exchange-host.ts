import type { LinkPort } from '../mesh/index.ts'
import type { PeerId } from '@patchbay/protocol'
import type { Clock } from '../transport/index.ts'
import type { FileStore } from './transfer.ts'

/** The link that carries the channel of files. */
export type FileLink = Pick<LinkPort, 'passes' | 'cut'>

/** A channel of files. */
export interface OpenedFileChannel {
  readonly channel: RTCDataChannel
  /** What has arrived on it, if it was made before this code was loaded. */
  readonly early?: readonly unknown[]
}

/** What an exchange needs from its `FileShare`. */
export interface FileExchangeHost {
  readonly clock: Clock
  /** Where received files go; without one every offer is declined. */
  readonly store: FileStore | undefined
  /** This client's own peer id, once it is known. */
  readonly self: () => PeerId | undefined
  /** Bytes that may be queued on one peer's channel before sending pauses. */
  queueBytes(): number
  /** Buffer in which each chunk is encoded; `send` copies it. */
  readonly chunk: Uint8Array<ArrayBuffer>
  /** Number of the next file to this peer: one that none has had, also in an earlier exchange. */
  nextStream(peer: PeerId): number
  changed(): void
}
