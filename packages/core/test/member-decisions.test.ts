import type { PeerId, PeerInfo } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { Detour } from '../src/mesh/detour.ts'
import {
  type LinkFeature,
  type LinkPort,
  mediaFailureOf,
  type MessageOf,
  nextLinkState,
  RoomMedia,
} from '../src/mesh/index.ts'
import { takesRelayed } from '../src/mesh/member.ts'
import { SignalPort } from '../src/mesh/signal-port.ts'
import type { SignalSeal } from '../src/seal/index.ts'
import type { RoomSignaling, Signal } from '../src/signaling/index.ts'
import { systemClock } from '../src/transport/index.ts'
import { counting } from './support/counting.ts'
import { ManualClock } from './support/manual-clock.ts'

const [ada, bob, cyd] = ['a', 'b', 'c'].map((letter) => letter.repeat(22)) as [PeerId, PeerId, PeerId]

describe('a link', () => {
  const connecting = { phase: 'connecting', attempt: 2 } as const
  const connected = { phase: 'connected' } as const
  const healing = { phase: 'healing', attempt: 3 } as const
  const closed = { phase: 'closed' } as const

  test.each([
    ['opened', [connected, connected, connected, closed]],
    ['silent', [connecting, { phase: 'healing', attempt: 1 }, healing, closed]],
    ['retried', [{ phase: 'connecting', attempt: 3 }, connected, { phase: 'healing', attempt: 4 }, closed]],
    ['closed', [closed, closed, closed, closed]],
  ] as const)('that is %s goes where it must from each state', (event, expected) => {
    expect([connecting, connected, healing, closed].map((state) => nextLinkState(state, event))).toEqual(expected)
  })
})

test.each([
  ['NotAllowedError', 'denied'],
  ['SecurityError', 'denied'],
  ['NotFoundError', 'missing'],
  ['OverconstrainedError', 'missing'],
  ['NotReadableError', 'busy'],
  ['AbortError', 'busy'],
  ['', 'failed'],
])('a device that is not given with %j is called %s', (name, reason) => {
  expect(mediaFailureOf(Object.assign(new Error('no'), { name }))).toBe(reason)
  expect(mediaFailureOf({ name })).toBe('failed')
})

test('what the system forbids is told apart from what the person does', () => {
  const denied = (message: string) => mediaFailureOf(Object.assign(new Error(message), { name: 'NotAllowedError' }))
  expect(denied('Permission denied by system')).toBe('system')
  expect(denied('Permission denied')).toBe('denied')
})

describe('a signal that goes past the server', () => {
  /** Two members and a third one between them, each with a detour; what goes over a link arrives at once. */
  const triangle = () => {
    const arrived: [PeerId, Signal][] = []
    const detours = new Map<PeerId, Detour>()
    const links = new Map<string, LinkFeature<MessageOf<'relay' | 'relayed'>>>()
    const working = new Set<string>()
    const clock = new ManualClock()
    for (const self of [ada, bob, cyd]) detours.set(self, new Detour((from, signal) => arrived.push([from, signal])))
    for (const [self, peer] of [
      [ada, cyd],
      [cyd, ada],
      [bob, cyd],
      [cyd, bob],
    ] as const) {
      working.add(`${self} ${peer}`)
      const port = {
        peer: { id: peer },
        ...counting(clock),
        get passes() {
          return working.has(`${self} ${peer}`)
        },
        send: (message: MessageOf<'relay' | 'relayed'>) => links.get(`${peer} ${self}`)?.receive?.(message),
      } as unknown as LinkPort
      const link = detours.get(self)?.attach(port)
      if (link !== undefined) links.set(`${self} ${peer}`, link)
    }
    return { arrived, links, working, from: detours.get(ada) as Detour }
  }

  test.each(['offer', 'answer', 'ice_candidate'] as const)('as %s comes out as it went in', (type) => {
    const { from, arrived } = triangle()
    const signal: Signal = { type, body: '{"x":"y"}\nz' }
    expect(from.send(bob, signal, 1)).toBe(true)
    expect(arrived).toEqual([[ada, signal]])
  })

  test('goes by nobody whose channel does not work, at either end', () => {
    const { from, arrived, working } = triangle()
    working.delete(`${cyd} ${bob}`)
    expect(from.send(bob, { type: 'offer', body: 'x' }, 1)).toBe(true)
    working.delete(`${ada} ${cyd}`)
    expect(from.send(bob, { type: 'offer', body: 'x' }, 1)).toBe(false)
    expect(arrived).toEqual([])
  })

  test('is one of 32 between two heartbeats, and goes by nobody who has left', () => {
    const { from, arrived, links } = triangle()
    const send = () => from.send(bob, { type: 'offer', body: 'x' }, 1)
    for (let i = 0; i < 40; i += 1) send()
    expect(arrived).toHaveLength(32)
    links.get(`${cyd} ${ada}`)?.beat?.()
    send()
    expect(arrived).toHaveLength(33)
    links.get(`${ada} ${cyd}`)?.closed?.()
    expect(send()).toBe(false)
  })

  test('is one of 500 and 2 MiB a second to one member, of which it would cut whoever relays more', async () => {
    const clock = new ManualClock()
    const detour = new Detour(() => {})
    const sizes: number[] = []
    const attach = (id: string) =>
      detour.attach({
        peer: { id: id.padEnd(22, '-') },
        passes: true,
        ...counting(clock),
        send: ({ body }: MessageOf<'relayed'>) => sizes.push(body.length),
      } as unknown as LinkPort)
    const links = Array.from({ length: 20 }, (_, i) => attach(`eve${i}`))
    attach(bob)
    const relay = (size: number) => {
      for (const link of links)
        for (let i = 0; i < 32; i += 1) link.receive?.({ type: 'relay', to: bob, body: 'x'.repeat(size) })
    }
    relay(100)
    expect(sizes).toHaveLength(500)
    for (const link of links) link.beat?.()
    await clock.advance(1_000)
    relay(65_300)
    const size = sizes.slice(500).reduce((sum, one) => sum + one, 0)
    expect(size).toBeGreaterThan(2_000_000)
    expect(size).toBeLessThanOrEqual(2_097_152)
  })

  test.each(['', 'what?', '{"type":"bye"}', '{"type":"chat","id":"a","seq":1}\nhello', '{"type":"offer"}'])(
    'is none when it reads %j',
    (body) => {
      const { arrived, links } = triangle()
      links.get(`${ada} ${cyd}`)?.receive?.({ type: 'relayed', from: bob, body })
      expect(arrived).toEqual([])
    },
  )
})

test.each([
  ['is taken at first, whatever the server can do', 'healing', 4, 'online', true, 'here', true],
  ['is not taken after some attempts, if the server reaches its sender', 'healing', 5, 'online', true, 'here', false],
  ['is taken while this end has no line', 'healing', 5, 'reconnecting', true, 'here', true],
  ['is taken while the other end has no line', 'healing', 5, 'online', true, 'away', true],
  ['is taken from whom the server has given up', 'healing', 5, 'online', false, 'here', true],
  ['is not taken for a connection that is well', 'connected', 1, 'reconnecting', true, 'here', false],
] as const)('a relayed signal %s', (_, phase, attempt, status, listed, state, expected) => {
  const info = { id: bob, state } as PeerInfo
  const signaling = { getSnapshot: () => ({ status }) } as RoomSignaling
  expect(
    takesRelayed({ info, listed, refused: 0, link: { state: { phase, attempt }, path: undefined } }, signaling),
  ).toBe(expected)
})

describe('signals of a room with a key', () => {
  const info = { id: bob, name: 'what the server says' } as PeerInfo
  const signal = (body: string): Signal => ({ type: 'offer', body })

  /** Takes its time with each, the longer the text the less, and fails where it says so. */
  const seal = {
    wrap: async ({ body }: Signal) => {
      for (let turn = 0; turn < 10 - body.length; turn += 1) await Promise.resolve()
      if (body === 'bad') throw new Error('cannot be sealed')
      return signal(`sealed ${body}`)
    },
    unwrap: async ({ body }: Signal) => {
      for (let turn = 0; turn < 10 - body.length; turn += 1) await Promise.resolve()
      if (body === 'bad') throw new Error('cannot be opened')
      return body === 'forged' ? undefined : { signal: signal(`opened ${body}`), name: 'Bob' }
    },
    isForAnother: ({ body }: Signal) => body === 'late',
  } as unknown as SignalSeal

  test('go out sealed and in order, and one that cannot be sealed stops none behind it', async () => {
    const port = new SignalPort(seal)
    const sent: string[] = []
    for (const body of ['a', 'bad', 'bbbbbb']) port.out(signal(body), info, (one) => sent.push(one.body))
    expect(sent).toEqual([])
    await expect.poll(() => sent).toEqual(['sealed a', 'sealed bbbbbb'])
  })

  test('come in opened and in order; a forged one is shown as none, and one that comes too late not at all', async () => {
    const port = new SignalPort(seal)
    const taken: unknown[] = []
    for (const body of ['a', 'late', 'bad', 'forged', 'bbbbbb'])
      port.in(signal(body), info, (one) => taken.push(one && [one.signal.body, one.name]))
    await expect.poll(() => taken).toEqual([['opened a', 'Bob'], undefined, ['opened bbbbbb', 'Bob']])
  })

  test('of a room without one go through as they are, at once', () => {
    const port = new SignalPort(undefined)
    const passed: unknown[] = []
    port.out(signal('a'), info, (one) => passed.push(one))
    port.in(signal('late'), info, (one) => passed.push(one))
    expect(passed).toEqual([signal('a'), { signal: signal('late'), name: info.name }])
  })
})

test('of a member, those streams are shown that it says are its camera and its screen', () => {
  const connection = new EventTarget()
  const port = { peer: { id: ada }, clock: systemClock, connection, state: { phase: 'connected' }, changed: () => {} }
  const room = new RoomMedia(systemClock, undefined)
  const link = room.attach(port as unknown as LinkPort)
  const streams = ['s0', 's1', 's2'].map((id) => Object.assign(new EventTarget(), { id, getTracks: () => [] }))
  connection.dispatchEvent(Object.assign(new Event('track'), { streams }))
  const media = { microphone: 'on', camera: 'on', stream: 's1', screen: 'on', screenStream: 's2' } as const
  link.receive?.({ type: 'media', ...media })
  expect(room.of(ada)).toEqual({ media, stream: streams[1], screenStream: streams[2] })
  expect([room.cameras, room.of(bob).media.camera]).toEqual([1, 'off'])
  streams[1]?.dispatchEvent(new Event('removetrack'))
  expect(room.of(ada).stream).toBeUndefined()
  link.closed?.()
  expect(room.of(ada).media.camera).toBe('off')
})
