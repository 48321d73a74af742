import type { FileMessage, PeerId } from '@patchbay/protocol'

/** Why a transfer came to nothing: the reasons that cross the wire, and `lied` for a sender that did not keep its word. */
export type StopReason = Extract<FileMessage, { type: 'stop' }>['why'] | 'lied'

/** Where a transfer stands. `bytes`: written by the receiver so far, as far as this end knows. */
export type TransferState =
  /** Asked, not yet answered. */
  | { readonly phase: 'offered' }
  | { readonly phase: 'moving'; readonly bytes: number; readonly bytesPerSecond: number }
  /** The connection is lost, or the person has gone; it goes on by itself when they are back. */
  | { readonly phase: 'waiting'; readonly bytes: number }
  /** `file`: what was received. */
  | { readonly phase: 'done'; readonly sha256: string; readonly file: Blob | undefined }
  /** `byUs`: this end said so. */
  | { readonly phase: 'stopped'; readonly why: StopReason; readonly byUs: boolean }

/** One file on its way between this client and one peer. */
export interface Transfer {
  /** Unlike those of all other transfers this client knows. */
  readonly key: string
  /** Its name between the two peers. */
  readonly id: string
  readonly peer: PeerId
  readonly direction: 'in' | 'out'
  /** Clean: fit to be shown and saved. */
  readonly name: string
  readonly size: number
  /** As the sender claims. Never a reason to open anything. */
  readonly mime: string
  readonly state: TransferState
}

/** A file as the sender's platform has it; a browser's `File` is one. */
export interface SourceFile {
  readonly name: string
  readonly size: number
  readonly type: string
  /** Milliseconds since 1970. */
  readonly lastModified: number
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> }
}

/** Where a received file is kept while it comes. Each call waits for the one before. */
export interface FileSink {
  /** Bytes that are there already, from an earlier try. */
  readonly size: number
  /** Reads those again, from the start, for the hash. */
  kept(): AsyncIterable<Uint8Array>
  /** @throws when there is no room. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>
  /** All is there. @returns the whole. */
  finish(): Promise<Blob>
  /** Throws away what was kept. */
  discard(): Promise<void>
}

/** What a sink is asked for. */
export interface SinkRequest {
  /** Who receives it: other tabs of the same browser are other peers. */
  readonly self: PeerId | undefined
  /** Who sends it. */
  readonly peer: PeerId
  readonly id: string
  readonly size: number
}

/** Opens places for received files. */
export interface FileStore {
  /** Whether something of this file was kept from before: it then goes on without being asked for again. */
  has(request: SinkRequest): Promise<boolean>
  /** @throws when there is no room for it. */
  open(request: SinkRequest): Promise<FileSink>
}
