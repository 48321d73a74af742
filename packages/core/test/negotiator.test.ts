import { describe, expect, test } from 'vitest'
import { isFromPeer, readSignal } from '../src/mesh/negotiation.ts'
import { Negotiator } from '../src/mesh/negotiator.ts'
import type { Signal } from '../src/signaling/index.ts'
import { FakeInternet } from './simulator/fake-internet.ts'
import { FakePeerConnection } from './simulator/fake-peer-connection.ts'
import { ManualClock } from './support/manual-clock.ts'
import { Random } from '@patchbay/fault-proxy'

/** Two connected negotiators with a signaling line between them, and the ICE restart offer of one. */
async function connectedPair() {
  const clock = new ManualClock()
  const internet = new FakeInternet<FakePeerConnection>(clock, new Random(1))
  const ends: Negotiator[] = []
  const sent: Signal[] = []
  const answered: Signal[] = []
  const held: Signal[] = []
  const way = { holds: false }
  const connections: RTCPeerConnection[] = []
  for (const here of [0, 1]) {
    const pc = new FakePeerConnection(`page${here}`, internet) as unknown as RTCPeerConnection
    connections.push(pc)
    pc.createDataChannel('chat', { negotiated: true, id: 0 })
    ends[here] = new Negotiator(pc, {
      polite: here === 0,
      renegotiate: true,
      offersFirst: here === 0,
      connection: here + 1,
      newestRemote: 0,
      send(signal) {
        if (here === 0) sent.push(signal)
        else if (signal.type === 'answer') answered.push(signal)
        if (way.holds) held.push(signal)
        else ends[1 - here]?.receive(signal)
      },
      act: () => {},
    })
  }
  await clock.advance(1_000)
  const [ada, bob] = ends as [Negotiator, Negotiator]
  ada.handle({ type: 'restart', afterOutage: false })
  await clock.advance(1_000)
  const offer = sent.findLast(({ type }) => type === 'offer') as Signal
  const body = JSON.parse(offer.body) as { connection: number; n: number; sdp: string }
  return { clock, connections, ada, bob, answered, held, way, offer, body }
}

/** Whether the negotiator would take the signal from another member. */
function isFrom({ state }: Negotiator, signal: Signal): boolean {
  const event = readSignal(signal)
  return event !== undefined && isFromPeer(state, event)
}

describe('a signal that another member relayed', () => {
  test('is accepted when it contains the certificate in use', async () => {
    const { bob, offer } = await connectedPair()
    expect(isFrom(bob, offer)).toBe(true)
  })

  test.each<[string, (body: { connection: number; sdp: string }) => object]>([
    ['another certificate', ({ sdp }) => ({ sdp: sdp.replace('sha-256 FA', 'sha-256 EE') })],
    ['one certificate more', ({ sdp }) => ({ sdp: `${sdp}\na=fingerprint:sha-256 EE:01` })],
    ['no certificate', ({ sdp }) => ({ sdp: sdp.replace('a=fingerprint', 'a=nothing') })],
    ['another connection', ({ connection }) => ({ connection: connection + 1 })],
    ['no description at all', () => ({ sdp: 7 })],
  ])('is refused with %s', async (_, change) => {
    const { bob, offer, body } = await connectedPair()
    expect(isFrom(bob, { ...offer, body: JSON.stringify({ ...body, ...change(body) }) })).toBe(false)
  })
})

test('a description with another certificate than the connection has is ignored on every path', async () => {
  const { clock, bob, answered, offer, body } = await connectedPair()
  const before = answered.length
  const later = { ...body, n: 99 }
  bob.receive({ ...offer, body: JSON.stringify({ ...later, sdp: body.sdp.replace('sha-256 FA', 'sha-256 EE') }) })
  await clock.advance(1_000)
  expect(answered).toHaveLength(before)
  bob.receive({ ...offer, body: JSON.stringify(later) })
  await clock.advance(1_000)
  expect(answered).toHaveLength(before + 1)
})

test('an offer that overtook an answer is applied after it, even when an older offer arrives later still', async () => {
  const { clock, ada, bob, answered, held, way } = await connectedPair()
  const offersOf = (connection: number) =>
    held.filter(
      ({ type, body }) => type === 'offer' && (JSON.parse(body) as { connection: number }).connection === connection,
    )
  way.holds = true
  ada.handle({ type: 'restart', afterOutage: false })
  bob.handle({ type: 'restart', afterOutage: false })
  await clock.advance(1_000)
  ada.receive(offersOf(2)[0] as Signal)
  await clock.advance(1_000)
  const [older, newer] = offersOf(1) as [Signal, Signal]
  const before = answered.length
  bob.receive(newer)
  bob.receive(older)
  await clock.advance(1_000)
  expect(answered).toHaveLength(before)
  bob.receive(held.find(({ type }) => type === 'answer') as Signal)
  await clock.advance(1_000)
  expect(answered).toHaveLength(before + 1)
})

test('an answer that the platform fails to make is not sent as an offer later', async () => {
  const sent: string[] = []
  let makes = 0
  const pc = {
    signalingState: 'stable' as RTCSignalingState,
    currentRemoteDescription: null,
    addEventListener: () => {},
    setRemoteDescription: () => Promise.resolve(void (pc.signalingState = 'have-remote-offer')),
    setLocalDescription: () => ((makes += 1) === 1 ? Promise.reject(new Error('no')) : Promise.resolve()),
    localDescription: { sdp: 'v=0' },
  }
  const negotiator = new Negotiator(pc as unknown as RTCPeerConnection, {
    polite: false,
    renegotiate: true,
    offersFirst: false,
    connection: 1,
    newestRemote: 0,
    send: ({ type }) => sent.push(type),
    act: () => {},
  })
  const sdp = 'v=0\na=fingerprint:sha-256 AA:01\n'
  const body = JSON.stringify({ connection: 5, peerConnection: null, n: 1, offers: 1, sdp })
  negotiator.receive({ type: 'offer', body })
  negotiator.handle({ type: 'restart', afterOutage: false })
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  expect([makes, sent, negotiator.state.local.is]).toEqual([1, [], 'stable'])
  pc.signalingState = 'stable'
  negotiator.handle({ type: 'needed' })
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  expect(sent).toEqual(['offer'])
})
