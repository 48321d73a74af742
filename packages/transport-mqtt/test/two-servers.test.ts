import { fileURLToPath } from 'node:url'
import type { Connection } from '@patchbay/core/transport'
import { findProgram, type Mosquitto, startMosquitto } from '@patchbay/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialMqtt } from '../src/client.ts'
import { listenMqttBroker } from '../src/server.ts'

const configuration = fileURLToPath(new URL('../mosquitto/', import.meta.url))

// Installed by `pnpm test`; skipped where the package manager does not have it.
describe.skipIf(findProgram('mosquitto') === undefined)('two servers on one broker and prefix', () => {
  let mosquitto: Mosquitto
  beforeAll(async () => {
    mosquitto = await startMosquitto(configuration)
  })
  afterAll(() => mosquitto.stop())

  /** A server that answers each frame with its own name. */
  async function serve(name: string) {
    const listener = listenMqttBroker({ url: `mqtt://127.0.0.1:${mosquitto.tcpPort}`, broker: mosquitto.server })
    await listener.ready
    let lines = 0
    listener.listen((line) => {
      lines += 1
      return { frame: (text) => line.send(`${name} ${text}`), close: () => undefined }
    })
    return { listener, lines: () => lines }
  }

  test('share its lines; each hears its own only, and when one ends the others live on', async () => {
    const [one, two] = [await serve('one'), await serve('two')]
    const dialer = dialMqtt({ url: `mqtt://127.0.0.1:${mosquitto.tcpPort}`, broker: mosquitto.page })
    const ended: string[] = []
    const heard = new Map<string, string[]>()
    const open = async (id: string): Promise<Connection> => {
      const frames: string[] = []
      heard.set(id, frames)
      const handlers = {
        frame: (text: string) => frames.push(text),
        close: (reason: string) => ended.push(`${id} ${reason}`),
      }
      return dialer.dial(handlers, { signal: AbortSignal.timeout(5_000) })
    }
    const lines = await Promise.all(Array.from({ length: 40 }, (_, i) => open(`line-${i}`)))
    expect(one.lines() + two.lines()).toBe(40)
    expect(Math.min(one.lines(), two.lines())).toBeGreaterThan(5)
    for (const [i, line] of lines.entries()) for (let n = 0; n < 3; n += 1) line.send(`${i}-${n}`)
    await expect.poll(() => [...heard.values()].every((frames) => frames.length === 3), { timeout: 5_000 }).toBe(true)
    for (const [id, frames] of heard) {
      const server = frames[0]?.split(' ')[0]
      expect(frames).toEqual([0, 1, 2].map((n) => `${server} ${id.replace('line-', '')}-${n}`))
    }
    await one.listener.close()
    await expect.poll(() => ended.length, { timeout: 5_000 }).toBe(one.lines())
    const survivors = [...heard].filter(([, frames]) => frames[0]?.startsWith('two'))
    expect(survivors).toHaveLength(two.lines())
    expect(
      ended.some((end) => survivors.some(([id]) => end.startsWith(`${id} `))),
      'a line of the other',
    ).toBe(false)
    for (let i = 0; i < 5; i += 1) (await open(`late-${i}`)).send('still here')
    const late = () => [...heard].filter(([id]) => id.startsWith('late')).map(([, frames]) => frames.join())
    await expect.poll(late, { timeout: 5_000 }).toEqual(Array.from({ length: 5 }, () => 'two still here'))
    await two.listener.close()
  })
})
