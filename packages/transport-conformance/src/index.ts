export { Recorder, type RecordedEnd, RecordingServer } from './recorder.ts'
export type { Rig, TransportUnderTest } from './rig.ts'
export { createWorld, type Rule, transportRules, type World } from './rules.ts'
export { testTransport } from './test-transport.ts'
