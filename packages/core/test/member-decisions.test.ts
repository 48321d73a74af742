import type { PeerId, PeerInfo } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import type { Signal } from '../src/client/index.ts'
import { passOn, readRelayed, wrap } from '../src/mesh/detour.ts'
import { IncomingBudget } from '../src/mesh/incoming-budget.ts'
import { mediaFailureOf, nextLinkState } from '../src/mesh/index.ts'
import { type Member, viewOf } from '../src/mesh/member.ts'
import { SignalPort } from '../src/mesh/signal-port.ts'
import type { SignalSeal } from '../src/seal/index.ts'

const [ada, bob] = ['a', 'b'].map((letter) => letter.repeat(22) as PeerId) as [PeerId, PeerId]

describe('of one peer', () => {
  test('a thousand messages are taken between two heartbeats, and no more', () => {
    const budget = new IncomingBudget()
    for (let i = 0; i < 1_000; i += 1) expect(budget.takeMessage(1)).toBe(true)
    expect(budget.takeMessage(1)).toBe(false)
    budget.beat()
    expect(budget.takeMessage(1)).toBe(true)
  })

  test('8 MiB are taken between two heartbeats, and no more', () => {
    const budget = new IncomingBudget()
    expect([budget.takeMessage(8 * 1_048_576), budget.takeMessage(1)]).toEqual([true, false])
    budget.beat()
    expect([budget.takeMessage(8 * 1_048_576), budget.takeMessage(1)]).toEqual([true, false])
  })

  test('32 signals are passed on between two heartbeats, and no more', () => {
    const budget = new IncomingBudget()
    const passed = () => Array.from({ length: 33 }, () => budget.takeRelay())
    expect(passed()).toEqual([...Array<boolean>(32).fill(true), false])
    budget.beat()
    expect(passed()).toEqual([...Array<boolean>(32).fill(true), false])
  })

  test('32 candidates that others passed on are taken at one try to heal, however long it takes', () => {
    const budget = new IncomingBudget()
    const taken = () => Array.from({ length: 33 }, () => budget.takePassedOn())
    expect(taken()).toEqual([...Array<boolean>(32).fill(true), false])
    budget.beat()
    expect(budget.takePassedOn()).toBe(false)
    budget.retry()
    expect(taken()).toEqual([...Array<boolean>(32).fill(true), false])
  })
})

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

describe('a signal that goes past the server', () => {
  test.each(['offer', 'answer', 'ice_candidate'] as const)('as %s comes out as it went in', (type) => {
    const signal: Signal = { type, body: '{"x":"y"}\nz' }
    const first = wrap(bob, signal)
    expect(first).toMatchObject({ type: 'relay', to: bob })
    const second = passOn(ada, first)
    expect(second).toEqual({ type: 'relayed', from: ada, body: first.body })
    expect(readRelayed(second)).toEqual(signal)
  })

  test.each(['', 'what?', '{"type":"bye"}', '{"type":"chat","id":"a","seq":1}\nhello', '{"type":"offer"}'])(
    'is none when it reads %j',
    (body) => {
      expect(readRelayed({ type: 'relayed', from: ada, body })).toBeUndefined()
    },
  )
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
  const media = { microphone: 'on', camera: 'on', stream: 's1', screen: 'on', screenStream: 's2' } as const
  const streams = ['s0', 's1', 's2'].map((id) => ({ id }))
  const link = { state: { phase: 'connected' }, path: 'direct', media, readings: [], streams, safetyCode: '1' }
  const member = { link, info: { id: ada }, listed: true, refused: 2 } as unknown as Member
  const { state, path, readings, safetyCode } = member.link
  expect(viewOf(member)).toEqual({
    info: member.info,
    listed: true,
    refused: 2,
    link: state,
    path,
    media,
    readings,
    safetyCode,
    stream: { id: 's1' },
    screenStream: { id: 's2' },
  })
})
