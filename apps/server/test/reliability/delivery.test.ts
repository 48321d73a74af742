import { setTimeout as sleep } from 'node:timers/promises'
import { type FaultProxy, Random } from '@patchbay/fault-proxy'
import { createPeerSecret } from '@patchbay/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { identityOf, RawClient } from '../support/raw-client.ts'
import { lineNames, type Member, Rig, scaled, usualLine } from '../support/rig.ts'

const TIMEOUT_MS = scaled(120_000, 1_800_000)
let rig: Rig
const stops: (() => void)[] = []

beforeEach(async () => {
  rig = await Rig.start()
})
afterEach(async () => {
  for (const stop of stops.splice(0)) stop()
  await rig.close()
})

/** Messages that a sender leaves without a receipt, and receipt interval: less than a session keeps. */
const WINDOW = 100
const RECEIPT_EVERY = 20

/** Sends numbered messages at 200 per second, at most one window ahead of the receiver's receipts. */
function talk(from: Member, to: Member, total: number): () => void {
  const id = to.id
  const back = from.id
  let sent = 0
  let arrived = 0
  // Somebody at another server may be in the room a moment before it is known here.
  let isMet = false
  const timer = setInterval(() => {
    isMet ||= from.sees.includes(id)
    if (!isMet) return
    if (sent === total || sent - from.heard('answer').length * RECEIPT_EVERY >= WINDOW) return
    from.channel.send(id, { type: 'offer', body: String(sent) })
    sent += 1
  }, 5)
  const stopListening = to.channel.onEvent((event) => {
    if (event.type !== 'signal' || event.signal.type !== 'offer') return
    arrived += 1
    if (arrived % RECEIPT_EVERY === 0) to.channel.send(back, { type: 'answer', body: 'receipt' })
  })
  return () => {
    clearInterval(timer)
    stopListening()
  }
}

const faults: readonly ((proxy: FaultProxy, random: Random, holdMs: number) => Promise<void> | void)[] = [
  (proxy) => proxy.reset(),
  (proxy, random) => proxy.halfClose(random.pick(['up', 'down']) ?? 'up'),
  (proxy, random) => proxy.cutAfter(random.int(1, 3_000), random.pick(['up', 'down']) ?? 'up'),
  (proxy) => {
    proxy.dropResponse(2)
    proxy.reset()
  },
  async (proxy, _, holdMs) => {
    proxy.freeze(true)
    await sleep(holdMs)
    proxy.freeze(false)
  },
  async (proxy, random, holdMs) => {
    proxy.freeze(true, random.pick(['up', 'down']))
    await sleep(holdMs)
    proxy.freeze(false)
  },
  async (proxy, random, holdMs) => {
    proxy.blackHole(true, random.pick(['up', 'down']))
    await sleep(holdMs)
    proxy.blackHole(false)
    proxy.reset()
  },
  async (proxy, _, holdMs) => {
    proxy.refuse(true)
    proxy.reset()
    await sleep(holdMs / 2)
    proxy.refuse(false)
  },
  (proxy, random) => proxy.shape({ latencyMs: random.int(0, 60), jitterMs: 40, sliceBytes: random.int(3, 500) }),
]

describe('[R1] every message arrives once and in order, both ways, whatever the network does', () => {
  // One seed per pair of lines; each run takes the pairs that no other run covers.
  const first = lineNames.indexOf(usualLine)
  const seeds = Array.from({ length: scaled(lineNames.length - first, 200) }, (_, i) => first + i)
  test.each(seeds)(
    'seed %i',
    async (seed) => {
      const random = new Random(seed)
      const total = scaled(1_500, 10_000)
      const networks = [await rig.proxy(seed), await rig.proxy(seed + 1_000)] as const
      const ada = await rig.enter('Ada', { port: networks[0].port })
      const bob = await rig.enter('Bob', {
        port: networks[1].port,
        lines: [lineNames[seed % lineNames.length] ?? usualLine],
      })
      stops.push(talk(ada, bob, total), talk(bob, ada, total))
      for (let i = 0; i < scaled(14, 50); i += 1) {
        await sleep(random.int(50, 500))
        const network = random.pick(networks)
        const fault = random.pick(faults)
        if (network !== undefined) await fault?.(network, random, random.int(200, scaled(2_500, 30_000)))
      }
      for (const network of networks) network.shape({})
      const arrived = () => [ada.heard('offer').length, bob.heard('offer').length]
      await expect.poll(arrived, { timeout: TIMEOUT_MS / 2, interval: 100 }).toEqual([total, total])
      const expected = Array.from({ length: total }, (_, i) => String(i))
      expect(ada.heard('offer')).toEqual(expected)
      expect(bob.heard('offer')).toEqual(expected)
      expect(ada.count('discontinuity') + bob.count('discontinuity')).toBe(0)
      expect(rig.told('session_opened')).toBe(2)
      // A long-poll line recovers by itself from most faults that break other lines.
      if (usualLine !== 'longpoll') expect(rig.told('session_resumed')).toBeGreaterThan(0)
    },
    TIMEOUT_MS,
  )
})

/** Breaks every line through a network. A long-poll line breaks only when its requests fail for 5 s. */
async function breakLines(network: FaultProxy, brokenBefore: number): Promise<void> {
  network.refuse(usualLine === 'longpoll')
  network.reset()
  if (usualLine === 'longpoll')
    await expect.poll(() => rig.told('session_away'), { timeout: 15_000 }).toBe(brokenBefore)
  network.refuse(false)
}

describe('[R3] a resume succeeds', () => {
  const times = scaled(20, 100)
  /** Clients whose sessions must be resumed, never replaced by new ones. */
  const resumed = async (rounds: number, beforeEachRound: () => Promise<unknown>) => {
    const network = await rig.proxy()
    const clients = Array.from({ length: times }, () => rig.connect(network.port))
    const online = () => clients.filter((client) => client.getSnapshot().status === 'online').length
    await expect.poll(online).toBe(times)
    // A session in no room ends after 6.5 s of silence, and a long-poll line breaks after 5.5 at the earliest.
    if (usualLine === 'longpoll') {
      const rooms = clients.map((client, i) => client.enter({ room: `r${i}`, name: 'Ada' }))
      const joined = () => rooms.filter((room) => room.getSnapshot().status === 'joined').length
      await expect.poll(joined).toBe(times)
    }
    for (let round = 1; round <= rounds; round += 1) {
      await beforeEachRound()
      await breakLines(network, round * times)
      const sessions = () => {
        for (const client of clients) client.retryNow()
        return { opened: rig.told('session_opened'), resumed: rig.told('session_resumed') }
      }
      // That it succeeds is the promise, without a time.
      await expect.poll(sessions, { timeout: 5_000 }).toEqual({ opened: times, resumed: round * times })
      await expect.poll(online, { timeout: 5_000 }).toBe(times)
    }
  }

  test('before any message was sent', () => resumed(1, () => Promise.resolve()))

  test(
    'again and again',
    () => resumed(usualLine === 'longpoll' ? scaled(2, 10) : 10, () => Promise.resolve()),
    240_000,
  )

  test('after a long idle time', () => resumed(1, () => sleep(scaled(6_000, 600_000))), 700_000)

  test('when the new line opens before the old one is known to be dead', async () => {
    for (let i = 0; i < times; i += 1) {
      const secret = createPeerSecret()
      const old = await RawClient.greet(rig.server.port, { secret, room: `r${i}` })
      const next = await RawClient.open(rig.server.port)
      next.say({ type: 'resume', ...identityOf(secret), session: old.session, received: 1 })
      expect(await next.hears('welcome')).toMatchObject({ recovered: true, session: old.session })
      expect(await old.ended()).toBe('superseded')
      next.socket.terminate()
    }
  })

  test("when the old line's close arrives late", async () => {
    const network = await rig.proxy()
    const secrets = Array.from({ length: times }, () => createPeerSecret())
    const olds = await Promise.all(secrets.map((secret) => RawClient.greet(network.port, { secret })))
    network.freeze(true)
    const nexts = await Promise.all(
      olds.map(async (old, i) => {
        const next = await RawClient.open(rig.server.port)
        const secret = secrets[i] ?? createPeerSecret()
        next.say({ type: 'resume', ...identityOf(secret), session: old.session, received: 0 })
        await next.hears('welcome')
        return next
      }),
    )
    network.reset()
    await Promise.all(olds.map((old) => old.ended()))
    for (const next of nexts) {
      next.say({ type: 'ping', sent: 0, received: 0 })
      await next.hears('pong')
      expect(next.end).toBeUndefined()
      next.socket.terminate()
    }
    expect(rig.told('session_resumed')).toBe(times)
  })
})

/** Which response of the server to a new connection is the welcome. */
const RESUME_ANSWER: Readonly<Record<string, number>> = { mqtt: 5 }

// On a long-poll line, a lost response is the subject of R22.
test.skipIf(usualLine === 'longpoll')(
  '[R4] a resume whose answer is lost does no harm',
  async () => {
    const rounds = scaled(8, 100)
    const network = await rig.proxy()
    const ada = await rig.enter('Ada', { port: network.port })
    const bob = await rig.enter('Bob')
    for (let round = 0; round < rounds; round += 1) {
      const before = rig.told('session_resumed', ada.id)
      network.dropResponse(RESUME_ANSWER[usualLine] ?? 2)
      network.reset()
      ada.channel.send(bob.id, { type: 'offer', body: `to Bob ${round}` })
      bob.channel.send(ada.id, { type: 'offer', body: `to Ada ${round}` })
      const arrived = () => {
        ada.client.retryNow()
        return [ada.heard('offer').length, bob.heard('offer').length]
      }
      await expect.poll(arrived, { timeout: 10_000 }).toEqual([round + 1, round + 1])
      expect(rig.told('session_resumed', ada.id) - before).toBe(2)
    }
    expect(bob.heard('offer')).toEqual(Array.from({ length: rounds }, (_, i) => `to Bob ${i}`))
    expect(ada.heard('offer')).toEqual(Array.from({ length: rounds }, (_, i) => `to Ada ${i}`))
    expect(rig.told('session_opened')).toBe(2)
    expect(ada.count('discontinuity')).toBe(0)
  },
  600_000,
)

test.runIf(usualLine === 'longpoll')(
  '[R22] a response that is lost is read again, and the session never notices',
  async () => {
    const network = await rig.proxy()
    const ada = await rig.enter('Ada', { port: network.port })
    const bob = await rig.enter('Bob')
    const count = scaled(60, 2_000)
    for (let i = 0; i < count; i += 1) {
      // Every third response in flight is lost with its connection, whether to a GET or a POST.
      if (i % 3 === 2) {
        network.dropResponse(1)
        network.reset()
      }
      ada.channel.send(bob.id, { type: 'offer', body: String(i) })
      bob.channel.send(ada.id, { type: 'offer', body: String(i) })
      await sleep(30)
    }
    const expected = Array.from({ length: count }, (_, i) => String(i))
    await expect.poll(() => [ada.heard('offer'), bob.heard('offer')], { timeout: 10_000 }).toEqual([expected, expected])
    expect(['opened', 'away', 'resumed'].map((what) => rig.told(`session_${what}`))).toEqual([2, 0, 0])
  },
  200_000,
)

test('[R5] the session survives repeated switching of its line under traffic', async () => {
  const network = await rig.proxy()
  const ada = await rig.enter('Ada', { port: network.port, lines: lineNames })
  const bob = await rig.enter('Bob')
  const total = scaled(600, 6_000)
  stops.push(talk(ada, bob, total), talk(bob, ada, total))
  for (let round = 0; round < scaled(2, 10); round += 1) {
    for (const name of lineNames.toReversed()) {
      await ada.client.switchTo(name)
      expect(ada.client.getSnapshot()).toEqual({ status: 'online', line: name })
      await sleep(scaled(300, 2_000))
    }
  }
  const arrived = () => [ada.heard('offer').length, bob.heard('offer').length]
  await expect.poll(arrived, { timeout: TIMEOUT_MS / 2, interval: 100 }).toEqual([total, total])
  const expected = Array.from({ length: total }, (_, i) => String(i))
  expect([ada.heard('offer'), bob.heard('offer')]).toEqual([expected, expected])
  expect([rig.told('session_opened'), rig.told('session_away')]).toEqual([2, 0])
  expect(bob.count('peer_removed')).toBe(0)
}, 200_000)
