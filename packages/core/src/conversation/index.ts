export { Conversation } from './conversation.ts'
export type { ConversationOptions, ConversationRoom, ConversationState, MessageAbout } from './conversation-types.ts'
export type { ConversationEntry, MessageEntry, Person, Reaction } from './entry.ts'
