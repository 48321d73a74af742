import type { Description } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { beginNegotiation, step } from '../src/mesh/negotiation.ts'
import type { Negotiation, NegotiationEffect, NegotiationEvent } from '../src/mesh/negotiation-state.ts'

const SDP = 'v=0\na=fingerprint:sha-256 AA:01\n'
const describeAs = (change: Partial<Description>): Description => ({
  connection: 5,
  peerConnection: null,
  n: 1,
  offers: 1,
  sdp: SDP,
  ...change,
})
const offer = (change: Partial<Description> = {}) => ({ type: 'offer', description: describeAs(change) }) as const
const answer = (change: Partial<Description> = {}) =>
  ({ type: 'answer', description: describeAs({ peerConnection: 1, offers: 0, ...change }) }) as const
const candidate = (port: number, connection = 5) =>
  ({
    type: 'candidate',
    candidate: {
      connection,
      candidate: `candidate:1 1 udp 1 10.0.0.1 ${port} typ host`,
      sdpMid: '0',
      sdpMLineIndex: 0,
      usernameFragment: 'u',
    },
  }) as const

/** An end after these events, and the effects of the last one. */
function after(
  { polite = false, theirTurn = false, renegotiate = true, newest = 0 },
  ...events: readonly NegotiationEvent[]
): { readonly state: Negotiation; readonly effects: readonly NegotiationEffect[] } {
  let state = beginNegotiation({ polite, renegotiate, connection: 1 }, !theirTurn, newest)
  let effects: readonly NegotiationEffect[] = []
  for (const event of events) ({ next: state, effects } = step(state, event))
  return { state, effects }
}
const kinds = (effects: readonly NegotiationEffect[]) => effects.map(({ type }) => type)
const offered = [{ type: 'needed' }, { type: 'made' }] as const
const answered = [offer(), { type: 'applied' }, { type: 'made' }] as const
const connected = [...offered, answer(), { type: 'applied' }] as const

describe('two offers at once', () => {
  test('the polite end applies the other’s, the other end waits for its answer', () => {
    expect(kinds(after({ polite: true }, ...offered, offer()).effects)).toEqual(['apply'])
    expect(kinds(after({ polite: false }, ...offered, offer()).effects)).toEqual([])
  })

  test('the polite end that repeats its offer in vain takes the other’s in the end, whatever its number', () => {
    const highest = offer({ n: 2 ** 53 - 1, peerConnection: 1 })
    const theirs = offer({ n: 2, peerConnection: 1 })
    const restarts = (count: number, afterOutage = false) =>
      Array.from({ length: count }, (_, i) => ({ type: 'restart', afterOutage: afterOutage && i === 0 }) as const)
    const taken = (polite: boolean, ...before: readonly NegotiationEvent[]) =>
      kinds(after({ polite }, highest, { type: 'applied' }, { type: 'made' }, ...offered, ...before, theirs).effects)
    expect(taken(true, ...restarts(4))).toEqual(['apply'])
    expect(taken(true, ...restarts(3))).toEqual([])
    expect(taken(true, ...restarts(4, true))).toEqual([])
    expect(taken(false, ...restarts(4))).toEqual([])
  })

  test('an offer made after the answer that it overtook is applied after it', () => {
    const early = after({}, ...offered, offer({ n: 3 }), offer({ n: 2 }), answer({ offers: 2 }), { type: 'applied' })
    expect(early.effects).toEqual([{ type: 'apply', as: 'offer', sdp: SDP }])
    expect(early.state.local).toMatchObject({ is: 'answering', offer: { n: 3 } })
  })

  test('an offer that lost is not applied after the answer', () => {
    const { state, effects } = after({}, ...offered, offer({ n: 2 }), answer({ offers: 2 }), { type: 'applied' })
    expect([state.local, effects]).toEqual([{ is: 'stable', theirTurn: false }, []])
  })
})

describe('an offer', () => {
  test.each<[string, readonly NegotiationEvent[], Partial<Description>]>([
    ['of an earlier connection', answered, { connection: 4, n: 9 }],
    ['with another certificate', answered, { n: 2, sdp: SDP.replace('AA', 'BB') }],
    ['without a certificate', [], { sdp: 'v=0' }],
    ['of a connection older than one that is known of', [], { connection: 2 }],
  ])('%s changes nothing', (_, before, change) => {
    const known = after({ newest: 3 }, ...before)
    const { state, effects } = after({ newest: 3 }, ...before, offer(change))
    expect([state, effects]).toEqual([known.state, []])
  })

  test.each<[string, readonly NegotiationEvent[], number]>([
    ['older than one that was answered', [offer({ n: 2 }), { type: 'applied' }, { type: 'made' }], 1],
    ['made before an answer that was applied', [...offered, answer({ offers: 4 }), { type: 'applied' }], 4],
  ])('%s is not applied, and we offer once, so that the answer tells the other’s count', (_, before, n) => {
    const { effects } = after({}, ...before, offer({ n }))
    expect(effects).toEqual([{ type: 'make' }])
    expect(after({}, ...before, offer({ n }), { type: 'made' }, offer({ n })).effects).toEqual([])
    expect(after({ renegotiate: false }, ...before, offer({ n })).effects, 'where no second offer is taken').toEqual([])
  })

  test('that is the first after an answer is applied', () => {
    expect(kinds(after({}, ...connected, offer({ n: 1 })).effects)).toEqual(['apply'])
  })

  test('that comes again is answered as before, and our own offer behind it is sent again', () => {
    const { effects } = after({}, ...answered, { type: 'needed' }, { type: 'made' }, offer())
    const head = { connection: 1, peerConnection: 5, n: 1 }
    expect(effects).toEqual([
      { type: 'send', as: 'answer', head: { ...head, offers: 0 } },
      { type: 'send', as: 'offer', head: { ...head, offers: 1 } },
    ])
  })

  test('of a newer connection replaces ours, and what follows is handed over', () => {
    const first = offer({ connection: 6 })
    expect(after({}, ...answered, first).effects).toEqual([{ type: 'replaced', first }])
    const later = candidate(1, 6)
    expect(after({}, ...answered, first, later).effects).toEqual([{ type: 'hand_over', event: later }])
  })

  test.each<[string, Parameters<typeof after>[0], readonly NegotiationEvent[], number, readonly string[]]>([
    ['is answered by an offer of ours, if it was the other’s turn', { theirTurn: true }, [], 5, ['make']],
    ['changes nothing while ours is under way', {}, offered, 5, []],
    ['has the polite end start over, if it is of a newer connection', { polite: true }, answered, 6, ['start_over']],
    ['changes nothing at the impolite end', {}, answered, 6, []],
    ['changes nothing, if it is of the same connection', { polite: true }, answered, 5, []],
  ])('for an earlier connection of ours %s', (_, role, before, connection, expected) => {
    expect(kinds(after(role, ...before, offer({ connection, peerConnection: 7 })).effects)).toEqual(expected)
  })

  test('that the platform cannot apply has the polite end start over, with that connection known', () => {
    const failed = after({ polite: true }, offer(), { type: 'failed' })
    expect(kinds(failed.effects)).toEqual(['start_over'])
    expect(failed.state.remote).toEqual({ is: 'unknown', newest: 5 })
    expect(after({}, offer(), { type: 'failed' }).effects).toEqual([])
  })
})

describe('an answer', () => {
  test.each<[string, readonly NegotiationEvent[], Partial<Description>]>([
    ['to an earlier offer', [...connected, ...offered], { n: 1 }],
    ['for another connection', offered, { peerConnection: 2 }],
    ['of another connection than the one we are connected to', [...connected, ...offered], { n: 2, connection: 6 }],
    ['with another certificate', [...connected, ...offered], { n: 2, sdp: SDP.replace('AA', 'BB') }],
    ['to nothing', connected, {}],
    ['without a certificate', offered, { sdp: 'v=0' }],
  ])('%s changes nothing', (_, before, change) => {
    expect(after({}, ...before, answer(change))).toEqual({ state: after({}, ...before).state, effects: [] })
  })

  test('to an offer that was made without a network is followed by another', () => {
    const again = (afterOutage: boolean) =>
      after({}, ...offered, { type: 'restart', afterOutage }, answer(), { type: 'applied' }).effects
    expect(kinds(again(true))).toEqual(['restart_ice'])
    expect(kinds(again(false))).toEqual([])
  })

  test('that the platform cannot apply leaves the offer out, for another answer', () => {
    const { effects } = after({}, ...offered, answer(), { type: 'failed' }, answer())
    expect(kinds(effects)).toEqual(['apply'])
  })
})

describe('a dead path', () => {
  test.each<[string, Parameters<typeof after>[0], readonly NegotiationEvent[], readonly string[]]>([
    ['has ICE restarted', {}, connected, ['restart_ice']],
    ['takes a new connection, where a second offer is not taken', { renegotiate: false }, connected, ['start_over']],
    ['has an unanswered offer sent again', {}, offered, ['send']],
    ['has us offer, where the other end should have', { theirTurn: true }, [], ['make']],
  ])('%s', (_, role, before, expected) => {
    expect(kinds(after(role, ...before, { type: 'restart', afterOutage: false }).effects)).toEqual(expected)
  })

  test('an end whose turn it is not makes no offer of its own', () => {
    expect(after({ theirTurn: true }, { type: 'needed' }).effects).toEqual([])
    const later = after({ theirTurn: true }, ...answered, { type: 'needed' })
    expect(kinds(later.effects)).toEqual(['make'])
  })

  test('an offer that could not be made is made when it is needed again', () => {
    expect(kinds(after({}, { type: 'needed' }, { type: 'failed' }, { type: 'needed' }).effects)).toEqual(['make'])
  })
})

describe('candidates', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => candidate(i + 1))

  test('that come before their description are added after it, and only those of its connection', () => {
    const { effects } = after({}, candidate(1), candidate(2, 4), offer(), { type: 'applied' })
    expect(effects).toEqual([{ type: 'add', candidate: candidate(1).candidate }, { type: 'make' }])
  })

  test('are kept up to 64, and 64 are added after each description', () => {
    const early = after({}, ...many(70), offer(), { type: 'applied' })
    expect(kinds(early.effects).filter((kind) => kind === 'add')).toHaveLength(64)
    const added = (before: readonly NegotiationEvent[]) =>
      many(70).reduce(
        ({ state, count }, event) => {
          const { next, effects } = step(state, event)
          return { state: next, count: count + effects.length }
        },
        { state: after({}, ...before).state, count: 0 },
      ).count
    expect(added(answered)).toBe(64)
    expect(added([...many(60), ...answered])).toBe(4)
    expect(added([...answered, ...many(64), offer({ n: 2 }), { type: 'applied' }, { type: 'made' }])).toBe(64)
  })

  test('with a host name are not added', () => {
    const named = { ...candidate(1).candidate, candidate: 'candidate:1 1 udp 1 example.org 9 typ host' }
    expect(after({}, ...answered, { type: 'candidate', candidate: named }).effects).toEqual([])
  })

  test('in a description are judged and counted as others are', () => {
    const line = (at: string) => `a=candidate:1 1 udp 1 ${at} typ host\r\n`
    const many70 = Array.from({ length: 70 }, (_, i) => line(`10.0.0.1 ${i + 1}`)).join('')
    const sdp = `${SDP}${line('evil.example 53')}${many70}a=end-of-candidates\r\n`
    const { effects } = after({}, offer({ sdp }))
    const [apply] = effects as [Extract<NegotiationEffect, { type: 'apply' }>]
    expect(apply.sdp).not.toContain('evil.example')
    expect(apply.sdp.match(/^a=candidate:/gm)).toHaveLength(64)
    expect(apply.sdp).toContain('a=end-of-candidates')
    const all = [offer({ sdp }), { type: 'applied' }, { type: 'made' }] as const
    expect(after({}, ...all, candidate(1)).effects).toEqual([])
  })

  test.each(['\r', '\u2028', '\u2029'])('cannot be hidden in a description behind %j', (end) => {
    const hidden = `a=candidate:1 1 udp 1 10.0.0.1 53 typ host ${end}x y\r\n`
    expect(after({}, offer({ sdp: SDP + hidden })).effects).toEqual([])
  })

  test('are counted in the last line of a description too', () => {
    const { effects } = after({}, offer({ sdp: `${SDP}a=candidate:1 1 udp 1 evil.example 53 typ host` }))
    expect((effects[0] as Extract<NegotiationEffect, { type: 'apply' }>).sdp).not.toContain('evil')
  })

  test('of an offer that lost are dropped, and those that the platform was too early for are kept', () => {
    const lost = after({}, ...offered, offer(), candidate(1), answer({ offers: 1 }), { type: 'applied' })
    expect(lost.effects).toEqual([])
    const early = { type: 'early', candidate: candidate(1).candidate } as const
    const kept = after({}, ...answered, early, offer({ n: 2 }), { type: 'applied' })
    expect(kinds(kept.effects)).toEqual(['add', 'make'])
  })

  test('of another connection are dropped', () => {
    expect(after({}, ...answered, candidate(1, 4)).effects).toEqual([])
  })
})
