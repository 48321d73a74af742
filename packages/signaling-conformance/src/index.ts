export { Member } from './member.ts'
export type { RigClient, SignalingRig, SignalingUnderTest } from './rig.ts'
export { type Rule, signalingRules, type World } from './rules.ts'
export { createWorld, testRoomSignaling } from './test-room-signaling.ts'
