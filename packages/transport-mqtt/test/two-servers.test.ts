import { fileURLToPath } from 'node:url'
import type { AcceptedConnection, Connection } from '@patchbay/core/transport'
import { findProgram, type Mosquitto, startMosquitto } from '@patchbay/test-servers'
import mqtt from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { dialMqtt } from '../src/client.ts'
import { listenMqttBroker } from '../src/server.ts'
import { ServerLines } from '../src/server-lines.ts'

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
    // One after the other: a request that is not answered in time is repeated, and may reach the other server as well.
    const lines: Connection[] = []
    for (let i = 0; i < 40; i += 1) lines.push(await open(`line-${i}`))
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

  test('share them with nobody else, though every visitor has a login and may subscribe', async () => {
    const { listener, lines } = await serve('one')
    const url = `mqtt://127.0.0.1:${mosquitto.tcpPort}`
    const heard: string[] = []
    const visitors = await Promise.all(
      Array.from({ length: 10 }, () => mqtt.connectAsync(url, { ...mosquitto.page, protocolVersion: 4 })),
    )
    for (const visitor of visitors) {
      visitor.on('message', (topic) => heard.push(topic))
      await visitor.subscribeAsync(['$share/servers/patchbay/up/+/open', '$SYS/#'])
    }
    const dialer = dialMqtt({ url, broker: mosquitto.page })
    const handlers = { frame: () => {}, close: () => {} }
    const open = () => dialer.dial(handlers, { signal: AbortSignal.timeout(5_000) })
    const opened = await Promise.all(Array.from({ length: 20 }, open))
    expect(lines()).toBe(20)
    expect(heard).toEqual([])
    for (const line of opened) line.close()
    await Promise.all(visitors.map((visitor) => visitor.endAsync()))
    await listener.close()
  })
})

describe('a server whose grant was lost', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  /** What a named server publishes when it closes a line after 5 s, as for a greeting that does not come. */
  function published(...said: readonly ['taken' | 'frame', string][]): string[] {
    vi.useFakeTimers({ toFake: ['performance'] })
    const sent: string[] = []
    const lines = new ServerLines((_, kind, payload) => void sent.push(`${kind} ${payload}`), undefined, undefined, 'A')
    let line: AcceptedConnection | undefined
    lines.listen((opened) => {
      line = opened
      return { frame() {}, close() {} }
    })
    const remote = { address: 'test', origin: undefined }
    lines.take('id', 'open', Buffer.from(''), remote)
    for (const [kind, payload] of said) lines.take('id', kind, Buffer.from(payload), remote)
    vi.advanceTimersByTime(5_000)
    line?.send('{"type":"close"}')
    line?.close()
    return sent
  }

  test('says nothing on the line, which the client may have with another', () => {
    expect(published()).toEqual(['open A', 'gone A'])
  })

  test.each([
    ['taken', '0'],
    ['frame', '0:hello'],
  ] as const)('is not one to which the client has sent %s', (...said) => {
    expect(published(said)).toEqual(['open A', 'frame 0:{"type":"close"}', 'bye 1'])
  })
})
