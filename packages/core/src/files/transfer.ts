import type { FileMessage, PeerId } from '@patchbay/protocol'

/**
 * Why a transfer was stopped: a reason from the wire, or one that only this end knows. `lied`: the sender broke the protocol;
 * `stalled`: it sent nothing for a minute; `too_many`: 1,024 of its files are in the list here, and it is told `no_space`;
 * `unsupported`: the peer takes no files.
 */
export type StopReason = Extract<FileMessage, { type: 'stop' }>['why'] | 'lied' | 'stalled' | 'too_many' | 'unsupported'

/** State of a transfer. `bytes`: written by the receiver so far, as far as this end knows. */
export type TransferState =
  /** Offered, not yet answered. */
  | { readonly phase: 'offered' }
  | { readonly phase: 'moving'; readonly bytes: number; readonly bytesPerSecond: number }
  /** The connection is lost, the person has left, or a kept part is read again after a reload; the transfer resumes by itself. */
  | { readonly phase: 'waiting'; readonly bytes: number }
  /** `file`: the received file; `undefined` at the sender. */
  | { readonly phase: 'done'; readonly sha256: string; readonly file: Blob | undefined }
  /** `byUs`: this end stopped it. */
  | { readonly phase: 'stopped'; readonly why: StopReason; readonly byUs: boolean }

/** One file transfer between this client and one peer. */
export interface Transfer {
  /** Unique among all transfers of this client. */
  readonly key: string
  /** Identifies the transfer between the two peers. */
  readonly id: string
  readonly peer: PeerId
  readonly direction: 'in' | 'out'
  /** Sanitized: safe to show and save. */
  readonly name: string
  readonly size: number
  /** Claimed by the sender. Never decide to open a file because of it. */
  readonly mime: string
  /** When it was offered, as this client saw it: wall clock, milliseconds since 1970. The same for all whom a file was offered to at once. */
  readonly at: number
  /** The file that is sent; `undefined` for one that is received. */
  readonly source: SourceFile | undefined
  readonly state: TransferState
}

/** A file on the sender's platform; a browser's `File` matches it. */
export interface SourceFile {
  readonly name: string
  readonly size: number
  readonly type: string
  /** Milliseconds since 1970. */
  readonly lastModified: number
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> }
}

/** Storage for a file while it is received. Callers await each call before the next. */
export interface FileSink {
  /** Bytes already stored by an earlier attempt. */
  readonly size: number
  /** Reads the stored bytes from the start, for the hash. */
  kept(): AsyncIterable<Uint8Array>
  /** @throws when there is no space. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>
  /** Completes the file. @returns all of it. */
  finish(): Promise<Blob>
  /** Deletes the stored bytes. */
  discard(): Promise<void>
  /** The file is complete and off the list, and may still be being saved: it is not resumed when it is offered again. */
  leave?(): Promise<void> | void
}

/** Identifies the file for which a sink is opened, by all that its receiver has accepted. */
export interface SinkRequest {
  /** The receiver: other tabs of the same browser are different peers. */
  readonly self: PeerId | undefined
  /** The sender. */
  readonly peer: PeerId
  readonly id: string
  readonly size: number
  /** Sanitized. */
  readonly name: string
  /** Claimed by the sender. */
  readonly mime: string
}

/** Storage for received files. */
export interface FileStore {
  /** Whether a part of a file with all of this is stored; the transfer then resumes without asking the person again. */
  has(request: SinkRequest): Promise<boolean>
  /** @throws when there is no space for it. */
  open(request: SinkRequest): Promise<FileSink>
}
