'use client'
export { useAudioPlayback } from './audio-playback.ts'
export {
  type DeviceSelect,
  type DeviceControl,
  useDeviceSelect,
  useLocalDevices,
  useLocalMedia,
} from './device-hooks.ts'
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
  useModeration,
  usePeers,
  useRecordings,
  useRoom,
  useSignaling,
} from './hooks.ts'
export { type Pictures, usePictures } from './picture-hooks.ts'
export { usePeerStatistics, useSpeakers, useStatistics } from './peer-hooks.ts'
export { RoomProvider, useRoomConnection } from './room-provider.tsx'
export { StreamAudio, StreamVideo } from './stream-elements.tsx'
