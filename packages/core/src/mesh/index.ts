export { type ChatEntry, ChatLog } from './chat-log.ts'
export { type LinkEvent, type LinkState, nextLinkState } from './link-state.ts'
export {
  type Device,
  LocalDevices,
  type LocalDevicesState,
  type MediaFailure,
  mediaFailureOf,
  type MediaSink,
  type SourceState,
} from './local-devices.ts'
export { describeMedia, type LocalMedia, type MediaState, noMedia, type Source } from './local-media.ts'
export { Mesh, type MeshOptions, type PeerView, SEALED_NAME } from './mesh.ts'
export { isPolite, judgeOffer, type NegotiationState } from './negotiation.ts'
export type { Path } from './path.ts'
export type { ChannelUse, CreatePeerConnection, Reading } from './peer-link-host.ts'
