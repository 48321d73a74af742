export {
  AppChannel,
  type ChannelOptions,
  type RequestHandler,
  type RequestOptions,
  type Schema,
} from './channels/app-channel.ts'
export type { Delivery } from './channels/app-link.ts'
export { ChannelError, type ChannelErrorCode } from './channels/channel-error.ts'
export { type ChatEntry, ChatLog, type ChatOutcome } from './chat/chat-log.ts'
export { RoomChat } from './chat/room-chat.ts'
export {
  checkFeatures,
  type Feature,
  type LinkFeature,
  type LinkPort,
  type MessageOf,
  type MessageType,
  OWN_FEATURES,
} from './feature.ts'
export { openFileChannel } from './file-channel.ts'
export { Flag, type FlagState } from './flag.ts'
export { type LinkChange, type LinkState, nextLinkState } from './link-state.ts'
export {
  type CameraSettings,
  type Device,
  LocalDevices,
  type LocalDevicesState,
  type MediaSink,
  type SourceState,
} from './media/local-devices.ts'
export {
  describeMedia,
  type DeviceKind,
  type DeviceSource,
  type LocalMedia,
  type MediaState,
  noMedia,
  type Source,
} from './media/local-media.ts'
export { limitMedia, type LimitMedia, type SentSizes } from './media/media-budget.ts'
export { type MediaFailure, mediaFailureOf } from './media/media-failure.ts'
export { PictureSizes } from './media/picture-sizes.ts'
export { ProcessedMedia, type ProcessedTrack, type TrackProcessor, type Unprocessed } from './media/processed-media.ts'
export { type PeerMedia, RoomMedia } from './media/room-media.ts'
export { MAX_CAMERAS, type SentSize, type ShownSizes, type SizeCause } from './media/send-budget.ts'
export { hasShownKey, type PeerView, SEALED_NAME } from './member.ts'
export { Mesh } from './mesh.ts'
export type { MeshOptions } from './mesh-options.ts'
export { isPolite } from './negotiation.ts'
export type { CreatePeerConnection } from './peer-link.ts'
export { SafetyCodes } from './safety-codes.ts'
export type { Path } from './statistics/path.ts'
export { type Flow, type PeerStatistics, type Picture, StatisticsReader } from './statistics/peer-statistics.ts'
