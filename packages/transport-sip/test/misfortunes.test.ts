import { setTimeout as sleep } from 'node:timers/promises'
import { randomToken } from '@patchbay/protocol'
import { findProgram } from '@patchbay/test-servers'
import { describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Agent } from '../src/agent.ts'
import { dialSip } from '../src/client.ts'
import { listenSip } from '../src/server.ts'
import { startBinaryExchange } from './support/binary-exchange.ts'
import { startBusyExchange } from './support/busy-exchange.ts'
import { BehindKamailio } from './support/behind-kamailio.ts'
import { startKamailio } from './support/kamailio.ts'
import { RawSip } from './support/raw-sip.ts'

describe.skipIf(findProgram('kamailio') === undefined)('a line behind Kamailio', () => {
  const rig = new BehindKamailio()

  test('what was said before a line is closed arrives, also when the server speaks in between', async () => {
    const held: (() => void)[] = []
    let isHolding = false
    let told = 0
    /** Keeps the answers to its own messages back, while told to. */
    class Holding extends WebSocket {
      override addEventListener(...given: Parameters<WebSocket['addEventListener']>): void {
        const [type, hears, options] = given
        if (type !== 'message') return super.addEventListener(...given)
        const hear = hears as unknown as (event: { readonly data: unknown }) => void
        const gate = (event: { readonly data: unknown }) => {
          const isAnswer = String(event.data).startsWith('SIP/2.0') && /^CSeq: \d+ MESSAGE/im.test(String(event.data))
          if (String(event.data).startsWith('MESSAGE')) told += 1
          if (isHolding && isAnswer) held.push(() => hear(event))
          else hear(event)
        }
        super.addEventListener('message', gate, options)
      }
    }
    const { connection } = await rig.open({ WebSocket: Holding as never })
    isHolding = true
    connection.send('first')
    await expect.poll(() => held.length).toBe(1)
    connection.send('last words')
    connection.close()
    const line = rig.lines[0]?.connection
    line?.send('meanwhile')
    await expect.poll(() => told).toBe(1)
    // It sends the next when this one is answered.
    line?.send('and again')
    await expect.poll(() => told).toBe(2)
    isHolding = false
    for (const release of held.splice(0)) release()
    await expect.poll(() => [rig.lines[0]?.frames, rig.lines[0]?.closes]).toEqual([['first', 'last words'], ['remote']])
  })

  test('a server and a page understand an exchange that speaks in binary WebSocket messages', async () => {
    const binary = await startBinaryExchange(rig.kamailio.port)
    rig.cleanups.push(binary.stop)
    const heard: string[] = []
    const listener = listenSip({ ...rig.kamailio.server, url: binary.url, WebSocket })
    listener.listen((line) => ({ frame: (text) => (heard.push(text), line.send(text)), close() {} }))
    await listener.ready
    /** As those of browsers are. */
    class Browsers extends WebSocket {
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        super(...given)
        Object.assign(this, { binaryType: 'blob' })
      }
    }
    const { connection, frames } = await rig.open({ url: binary.url, WebSocket: Browsers })
    connection.send('grüße 🧑‍🚀')
    await expect.poll(() => [heard, frames]).toEqual([['grüße 🧑‍🚀'], ['grüße 🧑‍🚀']])
    connection.close()
    await listener.close()
  })

  test('messages that are under way at once get their own answers, whatever numbers JsSIP draws', async () => {
    const [ada, bob] = [await rig.agentOf(rig.kamailio.page, 'accept'), await rig.agentOf(rig.kamailio.page, 'reject')]
    const { agent } = await rig.agentOf(rig.kamailio.server)
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    rig.cleanups.push(() => vi.restoreAllMocks())
    const answers = await Promise.allSettled([ada, bob].map(({ gruu }) => agent.send(gruu, '{}')))
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  test('where the exchange keeps messages for a server that is away, the dial fails as unreachable', async () => {
    const keeping = await startKamailio(undefined, (text) =>
      text.replace('  # Pages speak with', '  sl_send_reply("202", "Accepted"); exit;\n$&'),
    )
    rig.cleanups.push(() => void keeping.stop())
    const dialed = rig.open({ url: `ws://127.0.0.1:${keeping.port}` })
    await expect(dialed).rejects.toMatchObject({ name: 'DialError', failure: 'unreachable' })
  })

  test('answers have no body, which an exchange may refuse to pass on', async () => {
    const raw = new RawSip(rig.kamailio.port)
    rig.cleanups.push(() => raw.socket.terminate())
    const [, o] = /pub-gruu="([^"]+)"/.exec(await raw.register(rig.kamailio.page)) ?? []
    const open = { k: randomToken(43), o }
    for (const packet of [open, open, { k: open.k, f: ['x'] }]) {
      raw.heard.length = 0
      raw.say('MESSAGE', rig.account.server, { 'Content-Type': 'application/json' }, JSON.stringify(packet))
      await expect.poll(() => raw.heard).toEqual([expect.stringMatching(/^SIP\/2.0 200 [^]*\r\nContent-Length: 0\r\n/)])
    }
  })

  test('a dial that is given up while it registers connects no more', async () => {
    let connections = 0
    vi.spyOn(Math, 'random').mockReturnValue(0.1)
    rig.cleanups.push(() => vi.restoreAllMocks())
    const stop = new AbortController()
    class Counted extends WebSocket {
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        super(...given)
        connections += 1
        // JsSIP sends REGISTER first.
        this.once('open', () => setImmediate(() => stop.abort()))
      }
    }
    const dialed = dialSip({ ...rig.account, WebSocket: Counted }).dial({ frame() {}, close() {} }, stop)
    await expect(dialed).rejects.toMatchObject({ name: 'AbortError' })
    // JsSIP would connect again after 1 s with this number.
    await sleep(2_500)
    expect(connections).toBe(1)
  })

  test('a connection on which nothing is answered any more is replaced by another', async () => {
    let registrations = 0
    const sockets: Deaf[] = []
    /** Whatever it sends is lost from when it is told so; nobody is told. */
    class Deaf extends WebSocket {
      isDead = false
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        super(...given)
        sockets.push(this)
      }
      override send(data: string): void {
        if (!this.isDead) super.send(data)
      }
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
    rig.cleanups.push(() => vi.useRealTimers())
    // As the server does.
    const refused = () => setTimeout(() => agent.register(), 1_000)
    const handlers = { registered: () => (registrations += 1), refused, disconnected() {}, arrived() {} }
    const agent = new Agent({ ...rig.kamailio.page, url: rig.account.url, WebSocket: Deaf }, handlers)
    rig.cleanups.push(() => agent.stop(false))
    await expect.poll(() => registrations).toBe(1)
    const [first] = sockets as [Deaf]
    first.isDead = true
    // The registration is renewed in time, an answer is awaited for 32 s, and 4 s later another connection is there.
    await vi.advanceTimersByTimeAsync(160_000)
    await expect.poll(() => registrations).toBeGreaterThan(1)
    expect(sockets.length).toBeGreaterThan(1)
  })

  test.each([
    ['no time', undefined, [1_000, 2_000]],
    ['two seconds', '2 (many callers);duration=60', [2_000, 2_000]],
  ] as const)(
    'an exchange that refuses a server, and asks for %s, is asked ever less often, and the operator told once',
    async (_, retryAfter, [first, second]) => {
      const busy = await startBusyExchange(retryAfter)
      const errors: Error[] = []
      const onError = (error: Error) => void errors.push(error)
      const listener = listenSip({ ...rig.kamailio.server, url: busy.url, WebSocket, onError })
      rig.cleanups.push(
        () => listener.close(),
        () => busy.stop(),
      )
      await expect.poll(() => busy.registers.length, { timeout: 8_000 }).toBe(3)
      const [one = 0, two = 0, three = 0] = busy.registers
      expect(two - one).toBeGreaterThan(first - 50)
      expect(three - two).toBeGreaterThan(second - 50)
      expect(errors).toMatchObject([{ name: 'SipError', status: 503, message: expect.stringContaining('Busy') }])
    },
  )

  test.each([{ url: 'no url' }, { server: 'no address' }, { server: 'sip:exchange.example' }])(
    'where no line can be made, as with %o, the dial says so',
    async (wrong) => {
      const handlers = { frame() {}, close() {} }
      const failing = dialSip({ ...rig.account, ...wrong }).dial(handlers, { signal: AbortSignal.timeout(5_000) })
      await expect(failing).rejects.toMatchObject({ name: 'DialError', failure: 'unusable' })
    },
  )

  test.each(['sip:server@Exchange.Example', 'sip:server@exchange.example:5060'])(
    'a line hears the server that the page knows as %s',
    async (server) => {
      const { frames } = await rig.open({ server })
      rig.lines[0]?.connection.send('hello')
      await expect.poll(() => frames).toEqual(['hello'])
    },
  )

  test('when the exchange is restarted both ends are told, and new lines open as soon as it is back', async () => {
    const { closes } = await rig.open()
    await expect.poll(() => rig.lines).toHaveLength(1)
    await rig.kamailio.restart()
    await expect.poll(() => [closes, rig.lines[0]?.closes], { timeout: 6_000 }).toEqual([['lost'], ['lost']])
    await expect
      .poll(async () => (await rig.open().catch(() => undefined))?.connection.id, { timeout: 10_000 })
      .toBeDefined()
  })
})
