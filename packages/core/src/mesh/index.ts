export { type ChatEntry, ChatLog, type ChatOutcome } from './chat-log.ts'
export { type LinkEvent, type LinkState, nextLinkState } from './link-state.ts'
export {
  type CameraSettings,
  type Device,
  LocalDevices,
  type LocalDevicesState,
  type MediaSink,
  type SourceState,
} from './local-devices.ts'
export {
  describeMedia,
  type DeviceSource,
  type LocalMedia,
  type MediaState,
  noMedia,
  type Source,
} from './local-media.ts'
export { type MediaFailure, mediaFailureOf } from './media-failure.ts'
export { type PeerView, SEALED_NAME } from './member.ts'
export { Mesh, type MeshOptions } from './mesh.ts'
export { isPolite, judgeOffer, type NegotiationState } from './negotiation.ts'
export type { Path } from './path.ts'
export type { ChannelUse, CreatePeerConnection, Reading } from './peer-link-host.ts'
export { type Flow, type PeerStatistics, type Picture, StatisticsReader } from './peer-statistics.ts'
export { MediaBudget } from './media-budget.ts'
export { MAX_CAMERAS } from './send-budget.ts'
