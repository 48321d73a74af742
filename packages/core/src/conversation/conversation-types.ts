import type { MessageLink, PeerId } from '@patchbay/protocol'
import type { Mesh } from '../mesh/index.ts'
import type { Clock } from '../transport/index.ts'
import type { ConversationEntry } from './entry.ts'

/** Options of a conversation. */
export interface ConversationOptions {
  /** Whether those who come later get what was said, and this client asks for it. `true` by default. */
  readonly history?: boolean
  readonly clock?: Clock
}

/** What a message says besides its text. */
export interface MessageAbout {
  /** Key of the message that it answers. */
  readonly replyTo?: string
  /** Whom it means by the names in its text: the first 16. */
  readonly mentions?: readonly PeerId[]
  /**
   * A link in its text, and the title that others see with it, as `cleanTitle` of the protocol makes one: at most 160 code points,
   * without `://`. Another title, or an address that is not in the text as a whole, is `invalid`.
   */
  readonly link?: MessageLink | undefined
}

/** A conversation as it is now. */
export interface ConversationState {
  readonly entries: readonly ConversationEntry[]
  /** Who is typing. */
  readonly typing: readonly PeerId[]
}

/** The room that a conversation is held in. */
export interface ConversationRoom {
  readonly mesh: Mesh
  /** This client's id, once it has one. */
  readonly self: () => PeerId | undefined
  readonly name: string
}
