export {
  Conversation,
  type ConversationOptions,
  type ConversationRoom,
  type ConversationState,
} from './conversation.ts'
export type { ConversationEntry, MessageEntry, Person, Reaction } from './entry.ts'
