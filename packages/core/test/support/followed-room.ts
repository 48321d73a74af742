import { createInstanceId, fullCapabilities, type PeerId, type RoomId, type SessionId } from '@patchbay/protocol'
import type { Engine, RoomRules, RoomSnapshot, Seat } from '../../src/engine/index.ts'
import { LocalMember } from '../../src/hub/member.ts'
import { SharedRooms } from '../../src/hub/shared-rooms.ts'
import { ManualClock } from './manual-clock.ts'
import { room } from './raw-hub.ts'

/** A seat on a node; its peer and session are the letter repeated. */
export const seat = (node: string, letter: string): Seat => ({
  node,
  session: letter.repeat(22) as SessionId,
  state: 'in',
  info: {
    id: letter.repeat(22) as PeerId,
    instance: createInstanceId(),
    name: letter,
    line: 'raw',
    state: 'here',
    capabilities: fullCapabilities,
  },
})
/** A seat of the node that follows the room, and one of another. */
export const [mine, other] = [seat('node-1', 'a'), seat('node-2', 'b')]
export const snapshot = (offset: number, seats: Seat[]) => ({ epoch: 'e', offset, isComplete: true, seats })

/** A room that this node follows, on an engine whose answers to reads come when the test says so. */
export async function follow(entered: RoomSnapshot) {
  const answers: ((snapshot: RoomSnapshot | 'busy') => void)[] = []
  const restored: RoomRules[] = []
  const puts: string[] = []
  const left: (string | undefined)[][] = []
  const passed: string[] = []
  const engine = {
    node: 'node-1',
    enter: async () => entered,
    read: () => new Promise<RoomSnapshot | 'busy'>((resolve) => answers.push(resolve)),
    update: (_: RoomId, { info }: Seat) => puts.push(info.id),
    leave: (_: RoomId, { info }: Seat, reason?: string) => left.push([info.id, reason]),
    restore: (_: RoomId, rules: RoomRules) => {
      restored.push(rules)
      return new Promise(() => {})
    },
    later: (act: () => Promise<unknown>) => act(),
  } as unknown as Engine
  const clock = new ManualClock(64)
  const rooms = new SharedRooms({ clock, engine, max: 16, moveMs: 5_000, pass: ({ info }) => passed.push(info.id) > 0 })
  const notices: string[] = []
  const nothing = () => undefined
  const session = {
    takeRelayed: () => true,
    takeNotice: (_: RoomId, frame: string) => notices.push(frame),
    takeKnock: nothing,
    removed: nothing,
    ruled: nothing,
    endStale: () => notices.push('{"type":"replaced"}'),
  }
  await rooms.enter(room, new LocalMember(mine, session), {})
  const answer = async (found: RoomSnapshot | 'busy') => {
    answers.shift()?.(found)
    await clock.advance(0)
  }
  /** What the member of this node was told and this was not asked for yet. */
  const told = () =>
    notices.splice(0).map((frame) => {
      const { type, reason, peer } = JSON.parse(frame) as { type: string; reason?: string; peer?: unknown }
      const { state } = (typeof peer === 'object' ? peer : {}) as { state?: string }
      return [type, reason ?? state].filter((part) => part !== undefined).join(' ')
    })
  return { rooms, clock, told, restored, puts, left, passed, answers, answer }
}
