'use client'
export {
  type Hands,
  type LineChoice,
  useChannel,
  useChat,
  useConversation,
  useFiles,
  useHands,
  useIceServers,
  useLineChoice,
  useLocalMedia,
  usePeers,
  useRecordings,
  useRoom,
  useSignaling,
} from './hooks.ts'
export { usePeerStatistics, useSpeakers } from './peer-hooks.ts'
export { RoomProvider, useRoomConnection } from './room-provider.tsx'
