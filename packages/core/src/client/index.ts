export { backoffMs, type BackoffRange, defaultBackoff } from './backoff.ts'
export { type ClientEvent, type ClientState, nextClientState, type OutageCause } from './client-state.ts'
export { type ChannelEvent, RoomChannel, type RoomEntry, type RosterState, type Signal } from './room-channel.ts'
export { SignalingClient, type SignalingClientOptions } from './signaling-client.ts'
