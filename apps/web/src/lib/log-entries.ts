import type { ConversationEntry } from '@patchbay/core/conversation'
import type { Transfer } from '@patchbay/core/files'
import type { PeerId } from '@patchbay/protocol'

/** A file in the log: one that somebody offers, or one that this person has offered to one or several others. */
export interface FileEntry {
  readonly kind: 'file'
  readonly key: string
  /** `undefined`: sent by this client. */
  readonly from: PeerId | undefined
  /** Name of the sender. */
  readonly name: string
  readonly fileName: string
  /** Wall clock, milliseconds since 1970. */
  readonly at: number
}

/** One line of the log. */
export type LogEntry = ConversationEntry | FileEntry

/** Whether somebody else's message means the person with that id by a name in it. */
export function isMeant(entry: LogEntry, self: string): boolean {
  return entry.kind === 'message' && entry.from !== undefined && entry.mentions.some((id) => id === self)
}

/** Whether a file is waiting for this person's answer. */
export function isAsking({ direction, state }: Transfer): boolean {
  return direction === 'in' && state.phase === 'offered'
}
