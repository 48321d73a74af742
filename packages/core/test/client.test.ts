import {
  createEpoch,
  createInstanceId,
  createPeerSecret,
  createSessionId,
  encode,
  type PeerId,
} from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { SignalingClient } from '../src/client/index.ts'
import { createLinkedPair, type Dialer } from '../src/transport/index.ts'
import { ManualClock } from './support/manual-clock.ts'

/** A server that welcomes everyone and then sends one more frame. */
function rude(after: string, recovered: boolean) {
  const greetings: string[] = []
  const dialer: Dialer = {
    name: 'rude',
    async dial(handlers) {
      const { near } = createLinkedPair('line', ({ far }) => ({
        near: handlers,
        far: {
          close: () => {},
          frame(text) {
            const { type } = JSON.parse(text) as { type: string }
            if (type !== 'hello' && type !== 'resume') return
            greetings.push(type)
            const welcome = { type: 'welcome', version: 1, you: 'A'.repeat(22) as PeerId, recovered } as const
            const rest = { received: 0, heartbeatMs: 2_500, deadMs: 5_500, resumeMs: 120_000, iceServers: [] }
            far.send(encode({ ...welcome, epoch: createEpoch(), session: createSessionId(), ...rest }))
            far.send(after)
          },
        },
      }))
      return near
    },
  }
  return { dialer, greetings }
}

test.each([
  ['a frame that cannot be read', 'what?', false],
  ['a session recovered that never was', '{"type":"ping","sent":0,"received":0}', true],
])('after %s the client starts anew, and goes on trying', async (_, after, recovered) => {
  const clock = new ManualClock()
  const { dialer, greetings } = rude(after, recovered)
  const client = new SignalingClient({
    dialers: [dialer],
    clock,
    secret: createPeerSecret(),
    instance: createInstanceId(),
  })
  await clock.advance(60_000)
  expect(greetings.length).toBeGreaterThan(5)
  expect(new Set(greetings)).toEqual(new Set(['hello']))
  expect(client.getSnapshot()).toMatchObject({ status: 'reconnecting', cause: 'bad_message' })
  client.close()
  expect(clock.pending).toBe(0)
})
