import { setTimeout as sleep } from 'node:timers/promises'
import type { RoomId } from '@patchbay/protocol'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { HealthyPair } from '../support/healthy-pair.ts'
import { RawClient } from '../support/raw-client.ts'
import { Rig, scaled } from '../support/rig.ts'

let rig: Rig
afterEach(async () => {
  vi.useRealTimers()
  await rig.close()
})

/** Cut within 5 s of the first message that waits; the rest is the test's own slowness. */
const CUT_WITHIN_MS = 6_500
const MIB = 1024 * 1024

describe('[R16] a slow consumer is cut within 5 s, and nobody else feels it', () => {
  test.each([
    ['frozen', 0],
    ['slow, at 4 KiB a second', 4_096],
  ])('%s', async (_, bytesPerSecond) => {
    rig = await Rig.start()
    const pair = await HealthyPair.start(rig.server.port)
    const network = await rig.proxy()
    const slow = await RawClient.greet(network.port, { room: 'busy' })
    const busy = await Promise.all(Array.from({ length: 8 }, () => RawClient.greet(rig.server.port, { room: 'busy' })))
    if (bytesPerSecond === 0) network.freeze(true, 'down')
    else network.shape({ bytesPerSecond }, 'down')
    const acks = setInterval(() => slow.shout('{"type":"ack","sent":1,"received":0}'), 500)
    const before = process.memoryUsage.rss()
    const from = performance.now()
    const body = 'x'.repeat(4_096)
    const cut = () => rig.log.find(({ msg, peer }) => msg === 'session_away' && peer === slow.id)
    for (let at = 0; cut() === undefined && at < CUT_WITHIN_MS; at = performance.now() - from) {
      for (const client of busy) client.say({ type: 'offer', room: 'busy' as RoomId, to: slow.id, body })
      await sleep(10)
    }
    clearInterval(acks)
    expect(cut()).toMatchObject({ cause: 'slow_consumer' })
    for (const client of busy) expect(client.end).toBeUndefined()
    expect(process.memoryUsage.rss() - before).toBeLessThan(32 * MIB)
    expect(await pair.finish()).toEqual([])
    for (const client of [slow, ...busy]) client.socket.terminate()
  })
})

test('[R26] clocks may be wrong by a day and may step: sessions live on', async () => {
  rig = await Rig.start()
  const ada = await rig.enter('Ada')
  const bob = await rig.enter('Bob')
  const hour = 3_600_000
  vi.useFakeTimers({ toFake: ['Date'] })
  for (const step of [24 * hour, -48 * hour, hour, -hour]) {
    vi.setSystemTime(Date.now() + step)
    ada.channel.send(bob.id, { type: 'offer', body: String(step) })
    await sleep(scaled(2_000, 8_000))
  }
  expect(bob.heard('offer')).toEqual([24, -48, 1, -1].map((hours) => String(hours * hour)))
  for (const { client } of [ada, bob]) expect(client.getSnapshot().status).toBe('online')
  expect(rig.told('session_opened')).toBe(2)
  expect(rig.told('session_resumed') + rig.told('session_ended')).toBe(0)
}, 60_000)
