import { decodePeerMessage, encode, type PeerId, type PeerInfo } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { ChatExchange } from '../src/mesh/chat/chat-exchange.ts'
import { RoomChat } from '../src/mesh/chat/room-chat.ts'
import { Detour } from '../src/mesh/detour.ts'
import { PeerBudgets } from '../src/mesh/peer-budgets.ts'
import { PeerLink } from '../src/mesh/peer-link.ts'
import { counting } from './support/counting.ts'
import { FakeChannel } from './support/channel-pair.ts'
import { ManualClock } from './support/manual-clock.ts'

const info = {
  id: 'a'.repeat(22) as PeerId,
  instance: 'i'.repeat(22),
  name: 'Eve',
  capabilities: { renegotiate: true },
} as unknown as PeerInfo

/** The link's ends of all channels so far. */
const channels: FakeChannel[] = []

/** A client that has met nobody. */
function client() {
  const clock = new ManualClock()
  return { clock, room: new RoomChat({ clock, name: 'Ada', nameOf: () => 'Eve' }), budgets: new PeerBudgets() }
}

/** A link whose channel the test controls. */
async function linkTo({ clock, room, budgets } = client()) {
  const [near, far] = FakeChannel.pair()
  channels.push(far)
  const heard: string[] = []
  const said: string[] = []
  near.addEventListener('message', (event) => said.push((event as MessageEvent<string>).data))
  const added: string[] = []
  const described: string[] = []
  const listeners = new Map<string, (event: object) => void>()
  const pc = {
    signalingState: 'stable',
    connectionState: 'new',
    remoteDescription: {},
    addEventListener: (type: string, listener: (event: object) => void) => listeners.set(type, listener),
    createDataChannel: () => far,
    close: () => {},
    getStats: () => Promise.resolve(new Map()),
    setRemoteDescription: ({ sdp }: { sdp: string }) => Promise.resolve(void described.push(sdp)),
    setLocalDescription: () => Promise.resolve(),
    addIceCandidate: ({ candidate }: { candidate: string }) => Promise.resolve(void added.push(candidate)),
  }
  room.subscribe(() => {
    const entry = room.getSnapshot().at(-1)
    if (entry?.kind === 'message' && entry.from !== undefined) heard.push(entry.text)
  })
  const link = new PeerLink(
    info,
    { polite: true, offersFirst: false, connection: 1, newestRemote: 0 },
    {
      clock,
      connect: () => pc as unknown as RTCPeerConnection,
      renegotiate: true,
      features: [room, new Detour(() => heard.push('relayed'))],
      budgets,
    },
    (_, { type }) => type === 'cut' && heard.push('cut'),
  )
  link.start()
  await expect.poll(() => said.length).toBeGreaterThan(1)
  const say = async (...frames: (string | ArrayBuffer)[]) => {
    for (const frame of frames) near.send(frame)
    await expect.poll(() => near.bufferedAmount).toBe(0)
  }
  /** The link's own chat stream id. */
  const stream = said.map((frame) => decodePeerMessage(frame)).find((message) => message?.type === 'sync') as {
    stream: string
  }
  return { link, pc, room, say, heard, added, described, listeners, clock, said, ...stream }
}

const sync = encode({ type: 'sync', stream: 's', before: 0 })
const offer = (n: number) => {
  const description = { connection: 1, peerConnection: null, n, offers: 1, sdp: 'v=0\na=fingerprint:sha-256 00' }
  return encode({ type: 'offer', body: JSON.stringify(description) })
}
const chat = (seq: number, body = `${seq}`) => encode({ type: 'chat', id: `m${seq}`, seq, body })

test('chat is refused after 256 unconfirmed messages, and goes on when some are confirmed', () => {
  const talk = new ChatExchange()
  const { stream } = talk.opening()[0] as { stream: string }
  for (let i = 0; i < 256; i += 1) {
    expect(talk.full).toBe(false)
    talk.add(`m${i}`, 'x')
  }
  expect(talk.full).toBe(true)
  expect(talk.confirm({ type: 'ack', stream, heard: 10 })).toHaveLength(10)
  expect(talk.full).toBe(false)
  expect(talk.opening()).toHaveLength(1 + 246)
})

describe('a peer', () => {
  test('is heard once and in order, whatever it resends', async () => {
    const { say, heard } = await linkTo()
    await say(sync, chat(1), chat(2), chat(1), chat(2), chat(3))
    expect(heard).toEqual(['1', '2', '3'])
  })

  test.each<[string, ...(string | ArrayBuffer)[]]>([
    ['sends chat before `sync`', chat(1)],
    ['leaves a gap', sync, chat(1), chat(3)],
    ['sends bytes', new ArrayBuffer(10)],
    ['sends an invalid message', 'hello'],
    ['floods with messages', ...Array<string>(1_001).fill(encode({ type: 'ping', n: 1 }))],
    ['floods with types nobody knows', ...Array<string>(1_001).fill('{"type":"shout"}')],
    // 8 MiB, none of it a message too many or a chat.
    ['floods with text', ...Array<string>(141).fill(`{"type":"shout"}\n${'x'.repeat(60_000)}`)],
    ['chats faster than a page can show', sync, ...Array.from({ length: 601 }, (_, i) => chat(i + 1))],
    ['chats more than a page can show', sync, ...Array.from({ length: 135 }, (_, i) => chat(i + 1, 'x'.repeat(7_999)))],
  ])('that %s is cut', async (_, ...frames) => {
    const { say, heard } = await linkTo()
    await say(...frames)
    expect(heard).toContain('cut')
  })

  test('is not cut for what it sends in seconds during which the timers of this page stand still', async () => {
    const { say, heard, clock } = await linkTo()
    const ping = encode({ type: 'ping', n: 1 })
    for (let second = 0; second < 3; second += 1) {
      await say(...Array<string>(900).fill(ping))
      clock.stall(1_000)
    }
    expect(heard).toEqual([])
    await say(...Array<string>(1_001).fill(ping))
    expect(heard).toContain('cut')
  })

  test('of a newer version is not cut for types and members that are not known', async () => {
    const { say, heard } = await linkTo()
    await say(sync, '{"type":"reaction","emoji":"x"}', '{"type":"constructor"}', '{"type":"caption","n":1}\nwords')
    await say('{"type":"chat","id":"m1","seq":1,"format":"markdown"}\nstill here')
    expect(heard).toEqual(['still here'])
  })

  test('that answers pings and never confirms chat is cut before it holds everybody up', async () => {
    const { room, say, said, heard, stream, clock } = await linkTo()
    let pings = 0
    const beats = async (count: number) => {
      for (const last = pings + count; pings < last;) {
        await clock.advance(1_000)
        await expect.poll(() => said.at(-1)).toBe(encode({ type: 'ping', n: (pings += 1) }))
        await say(encode({ type: 'pong', n: pings }))
      }
    }
    await say(sync)
    room.send('hello')
    await beats(8)
    expect(heard).toEqual([])
    await say(encode({ type: 'ack', stream, heard: 1 }))
    await beats(20)
    expect(heard, 'who confirms is not cut').toEqual([])
    room.send('hello again')
    await beats(10)
    expect(heard).toEqual(['cut'])
  })

  test('that sends pings and answers none is cut when nothing more can be said to it', async () => {
    const { pc, listeners, room, say, heard, clock } = await linkTo()
    pc.connectionState = 'connected'
    listeners.get('connectionstatechange')?.({})
    const beats = async (count: number) => {
      for (let n = 1; n <= count; n += 1) {
        await say(encode({ type: 'ping', n }))
        await clock.advance(1_000)
      }
    }
    await say(sync)
    for (let i = 0; i < 255; i += 1) {
      room.send('x')
      if (i % 10 === 0) await beats(1)
    }
    expect(heard).toEqual([])
    room.send('the last that fits')
    await beats(25)
    expect(heard).toEqual([])
    expect(room.send('one more')).toBe('waiting')
    await beats(10)
    expect(heard[0]).toBe('cut')
  })

  test('that takes smaller messages than every browser does is cut, and whoever speaks to all goes on', async () => {
    const { link, heard } = await linkTo()
    const [channel] = channels.slice(-1)
    if (channel === undefined) throw new Error('no channel')
    channel.send = () => {
      throw new TypeError('Too large for the other end.')
    }
    expect(() => link.send({ type: 'ping', n: 1 })).not.toThrow()
    expect(heard).toEqual(['cut'])
  })

  test('that has something relayed which does not fit as it is passed on is no trouble', () => {
    const [eve, bob] = ['e'.repeat(22) as PeerId, 'b'.repeat(22) as PeerId]
    const detour = new Detour(() => {})
    const sent: string[] = []
    const portOf = (id: PeerId) => ({
      peer: { ...info, id },
      passes: true,
      ...counting(new ManualClock()),
      send: (one: object) => sent.push(encode(one as never)),
    })
    const [from] = [eve, bob].map((id) => detour.attach(portOf(id) as never))
    const relay = (size: number) => from?.receive?.({ type: 'relay', to: bob, body: 'x'.repeat(size) })
    expect(() => relay(65_450)).not.toThrow()
    relay(1_000)
    expect(sent).toHaveLength(1)
  })

  test('that describes itself without end is cut, and over the line it is not heard beyond a rate', async () => {
    const { say, link, heard, described, clock } = await linkTo()
    const body = (n: number) =>
      JSON.stringify({ connection: 1, peerConnection: null, n, offers: 1, sdp: 'v=0\na=fingerprint:sha-256 00' })
    for (let n = 1; n <= 200; n += 1) link.receiveSignal({ type: 'offer', body: body(n) })
    for (let turn = 0; turn < 2_000; turn += 1) await clock.advance(0)
    expect(described.length).toBeLessThanOrEqual(60)
    expect(heard).toEqual([])
    await say(...Array.from({ length: 61 }, (_, n) => encode({ type: 'offer', body: body(n + 300) })))
    expect(heard).toEqual(['cut'])
  })

  test.each<[string, readonly string[], string]>([
    ['chats', Array.from({ length: 600 }, (_, i) => chat(i + 1)), chat(601)],
    ['describes itself', Array.from({ length: 60 }, (_, i) => offer(i + 1)), offer(61)],
    ['sends', Array<string>(998).fill(encode({ type: 'ping', n: 1 })), encode({ type: 'ping', n: 2 })],
  ])('that makes a new connection %s no more than over a single one', async (_, most, oneMore) => {
    const ada = client()
    const first = await linkTo(ada)
    await first.say(sync, ...most)
    first.link.close('silently')
    const second = await linkTo(ada)
    await second.say(sync)
    expect([...first.heard, ...second.heard]).not.toContain('cut')
    await second.say(oneMore)
    expect(second.heard).toContain('cut')
  })

  test('that sends all its chat again over each new connection is not cut', async () => {
    const ada = client()
    const chats = Array.from({ length: 256 }, (_, i) => chat(i + 1))
    for (let connection = 0; connection < 5; connection += 1) {
      const { link, say, heard } = await linkTo(ada)
      await say(sync, ...chats)
      expect(heard).toHaveLength(connection === 0 ? 256 : 0)
      link.close('silently')
      await ada.clock.advance(1_000)
    }
  })

  test('whose pongs come all at once, as when a path is back, is not cut', async () => {
    const { room, say, heard, clock } = await linkTo()
    await say(sync)
    room.send('hello')
    await say(...Array.from({ length: 100 }, (_, n) => encode({ type: 'pong', n })))
    await clock.advance(1_000)
    expect(heard).toEqual([])
  })

  test('that confirms messages never sent is cut, but not for confirming an earlier stream', async () => {
    const { say, heard, stream } = await linkTo()
    await say(encode({ type: 'ack', stream: 'another', heard: 1 }))
    expect(heard).toEqual([])
    await say(encode({ type: 'ack', stream, heard: 1 }))
    expect(heard).toEqual(['cut'])
  })

  test('gets an ack after every 64 messages, and on each new channel', async () => {
    const { say, said } = await linkTo()
    const acks = () => said.filter((frame) => frame.includes('"ack"')).map((frame) => decodePeerMessage(frame))
    await say(sync, ...Array.from({ length: 200 }, (_, i) => chat(i + 1)))
    await expect.poll(acks).toMatchObject([63, 127, 191].map((heard) => ({ stream: 's', heard })))
  })

  test('that opens an in-band channel is cut', async () => {
    const { heard, listeners } = await linkTo()
    listeners.get('datachannel')?.({})
    expect(heard).toEqual(['cut'])
  })

  test('that sends 10 000 candidates has 64 of them applied', async () => {
    const { link, added, clock } = await linkTo()
    const body = (sdp: string) => JSON.stringify({ connection: 1, peerConnection: null, n: 1, offers: 1, sdp })
    link.receiveSignal({ type: 'offer', body: body('v=0\na=fingerprint:sha-256 00') })
    const where = { sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null }
    for (let i = 0; i < 10_000; i += 1) {
      const candidate = `candidate:${i} 1 udp 1 10.0.0.1 ${i + 1} typ host`
      link.receiveSignal({ type: 'ice_candidate', body: JSON.stringify({ connection: 1, candidate, ...where }) })
    }
    for (let turn = 0; turn < 5_000; turn += 1) await clock.advance(0)
    expect(added).toHaveLength(64)
  })

  test('can be healed by 32 relayed candidates at a time, besides its own', async () => {
    const { link, added, clock, listeners } = await linkTo()
    expect(listeners.size).toBeGreaterThan(0)
    const body = (sdp: string) => JSON.stringify({ connection: 1, peerConnection: null, n: 1, offers: 1, sdp })
    link.receiveSignal({ type: 'offer', body: body('v=0\na=fingerprint:sha-256 00') })
    await clock.advance(3_000)
    expect(link.state.phase).toBe('healing')
    const where = { sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null }
    const candidate = (from: string) =>
      ({
        type: 'ice_candidate',
        body: JSON.stringify({ connection: 1, candidate: `candidate:${from} 1 udp 1 10.0.0.1 9 typ host`, ...where }),
      }) as const
    for (let i = 0; i < 1_000; i += 1) link.receiveRelayed(candidate('relayed'))
    for (let i = 0; i < 20; i += 1) link.receiveSignal(candidate('own'))
    for (let turn = 0; turn < 200; turn += 1) await clock.advance(0)
    expect(added.filter((line) => line.startsWith('candidate:relayed'))).toHaveLength(32)
    expect(added.filter((line) => line.startsWith('candidate:own'))).toHaveLength(20)
  })

  test('has no more descriptions taken of those that are relayed than of its own', async () => {
    const { link, described, clock } = await linkTo()
    const description = (n: number) => {
      const sdp = 'v=0\na=fingerprint:sha-256 00'
      return {
        type: 'offer',
        body: JSON.stringify({ connection: 1, peerConnection: null, n, offers: 1, sdp }),
      } as const
    }
    link.receiveSignal(description(1))
    await clock.advance(3_000)
    expect(link.state.phase).toBe('healing')
    for (let n = 2; n <= 200; n += 1) link.receiveRelayed(description(n))
    for (let turn = 0; turn < 1_000; turn += 1) await clock.advance(0)
    expect(described.length).toBeGreaterThan(1)
    expect(described.length).toBeLessThanOrEqual(61)
  })

  test.each([
    ['without a certificate', 'v=0\nm=application 9'],
    ['with two certificates', 'v=0\na=fingerprint:sha-256 00\na=fingerprint:sha-256 11'],
    ['with SHA-1', 'v=0\na=fingerprint:sha-1 00'],
    ['that holds the connection', 'v=0\na=fingerprint:sha-256 00\na=setup:holdconn'],
    ['with 500 media sections', `v=0\na=fingerprint:sha-256 00\n${'m=video 9\n'.repeat(500)}`],
  ])('whose description comes %s is ignored', async (_, sdp) => {
    const { link, described, clock } = await linkTo()
    const body = JSON.stringify({ connection: 1, peerConnection: null, n: 1, offers: 1, sdp })
    link.receiveSignal({ type: 'offer', body })
    await clock.advance(0)
    expect(described).toEqual([])
  })

  test('that does not read is relayed nothing, and chat to it has no gap', async () => {
    const { link, room, said, say } = await linkTo()
    await say(sync)
    const [channel] = channels.slice(-1)
    if (channel === undefined) throw new Error('no channel')
    channel.bufferedAmount = 9_000_000
    const before = said.length
    link.send({ type: 'relayed', from: info.id, body: 'x' })
    link.send({ type: 'ping', n: 1 })
    room.send('said nevertheless')
    await expect.poll(() => said.slice(before).map((frame) => decodePeerMessage(frame)?.type)).toEqual(['chat'])
  })
})
