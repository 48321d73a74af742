import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultProxy } from '@patchbay/fault-proxy'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { HealthyPair } from '../support/healthy-pair.ts'
import { retainedBytes } from '../support/memory.ts'
import { Rig, scaled, usualLine } from '../support/rig.ts'

let rig: Rig
afterEach(async () => {
  vi.useRealTimers()
  await rig.close()
})

/** 5 s from the first unacknowledged message, plus a margin for the test itself. */
const CUT_WITHIN_MS = 6_500
const MIB = 1024 * 1024

const faults: readonly [string, (network: FaultProxy) => void][] = [
  ['frozen', (network) => network.freeze(true, 'down')],
  ['slow, at 4 KiB a second', (network) => network.shape({ bytesPerSecond: 4_096 }, 'down')],
]

describe('[R16] a slow consumer is cut within 5 s, and nobody else is affected; its session resumes once it can', () => {
  /** A busy room whose members all send to one of them. @returns who was cut, and the effect on a pair elsewhere. */
  const press = async (fault: (network: FaultProxy) => void) => {
    rig = await Rig.start()
    const pair = await HealthyPair.start(rig.server.port)
    const network = await rig.proxy()
    const slow = await rig.enter('Slow', { port: network.port })
    const busy = await Promise.all(Array.from({ length: 8 }, (_, i) => rig.enter(`Busy ${i}`)))
    fault(network)
    const cut = () => rig.log.filter(({ msg }) => msg === 'session_away')
    const before = await retainedBytes()
    const from = performance.now()
    const body = 'x'.repeat(4_096)
    while (cut().length === 0 && performance.now() - from < CUT_WITHIN_MS) {
      for (const { channel } of busy) channel.send(slow.id, { type: 'offer', body })
      await sleep(20)
    }
    expect((await retainedBytes()) - before).toBeLessThan(32 * MIB)
    return { cut: cut(), felt: await pair.finish(), slow, network }
  }

  test.each(faults)('%s', async (_, fault) => {
    const { cut, felt, slow, network } = await press(fault)
    expect(cut).toMatchObject([{ peer: slow.id, cause: 'slow_consumer' }])
    expect(felt).toEqual([])
    network.freeze(false)
    network.shape({})
    await expect.poll(() => rig.told('session_resumed', slow.id)).toBe(1)
    expect(slow.count('discontinuity')).toBe(0)
  })

  test('but not a consumer that keeps up', async () => {
    expect(await press(() => {})).toMatchObject({ cut: [], felt: [] })
  })
})

// Independent of the line.
test.runIf(usualLine === 'websocket')(
  '[R26] clocks may be wrong by a day and may step: sessions live on',
  async () => {
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
  },
  60_000,
)
