import { describe, test } from 'vitest'
import { Member } from './member.ts'
import type { SignalingRig, SignalingUnderTest } from './rig.ts'
import { signalingRules, type World } from './rules.ts'

const WAIT_MS = 8_000
/** Within this time, what must not happen would have. */
const PAUSE_MS = 300
const LOOK_MS = 10

/** What the rules work with. */
export function createWorld(rig: SignalingRig, lostWithinMs: number, waitMs: number): World {
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
  const check: World['check'] = (what, truth) => {
    if (!truth) throw new Error(`Not so: ${what}.`)
  }
  const until: World['until'] = async (what, condition, withinMs = waitMs) => {
    const end = performance.now() + withinMs
    while (!condition()) {
      if (performance.now() > end) throw new Error(`Not so within ${withinMs} ms: ${what}.`)
      await sleep(LOOK_MS)
    }
  }
  return {
    rig,
    lostWithinMs,
    check,
    until,
    pause: () => sleep(PAUSE_MS),
    async enter(name, room = 'room') {
      const member = new Member(await rig.connect(), room, name)
      await until(`${name} is in the room`, () => member.membership.getSnapshot().status === 'joined')
      check('`self` is known in a room', member.signaling.self !== undefined)
      return member
    },
  }
}

/** Runs the contract `RoomSignaling` (docs/room-signaling.md) against one implementation. Titles begin with the id of the rule. */
export function testRoomSignaling({ name, rig: createRig, lostWithinMs, waitMs = WAIT_MS }: SignalingUnderTest): void {
  // Mostly waiting: all rules at once, each with a rig of its own.
  describe.concurrent(`signaling ${name}`, () => {
    for (const { id, title, run } of signalingRules) {
      test(`[${id}] ${title}`, { timeout: 4 * waitMs + 2 * lostWithinMs }, async () => {
        const rig = await createRig()
        try {
          await run(createWorld(rig, lostWithinMs, waitMs))
        } finally {
          await rig.dispose()
        }
      })
    }
  })
}
