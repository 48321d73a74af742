import { createSocket } from 'node:dgram'
import { Conversation } from '@patchbay/core/conversation'
import { Hub } from '@patchbay/core/hub'
import type { Feature, LocalDevices } from '@patchbay/core/mesh'
import { createRoomKey } from '@patchbay/core/seal'
import { InvalidFieldError } from '@patchbay/core/signaling'
import { createHostKey, createPeerSecret, type PeerId } from '@patchbay/protocol'
import { dialMemory, MemoryAddress } from '@patchbay/transport-memory/client'
import { listenMemory } from '@patchbay/transport-memory/server'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { joinRoom, type JoinOptions, type Room } from '../src/index.ts'
import { nodeDataChannel } from '../src/node-datachannel.ts'

const rooms: Room[] = []
const hub = new Hub()
const address = new MemoryAddress()
hub.serve(listenMemory(address))

function join(name: string, options: Partial<JoinOptions> = {}): Room {
  const room = joinRoom({ lines: [dialMemory(address)], room: 'friday', name, rtc: nodeDataChannel, ...options })
  rooms.push(room)
  return room
}

const names = ({ peers }: Room) => peers.getSnapshot().map(({ info }) => info.name)
const connected = ({ peers }: Room) => peers.getSnapshot().filter(({ link }) => link.phase === 'connected').length

/** A line, and how often it has been dialed. */
function counted() {
  const line = dialMemory(address)
  const dial = vi.fn<typeof line.dial>((...how) => line.dial(...how))
  return { line: { ...line, dial }, dials: () => dial.mock.calls.length }
}

const feature = (name: string): Feature => ({ name, handles: [], attach: () => ({}) })

async function pair(): Promise<[Room, Room]> {
  const both: [Room, Room] = [join('Ada'), join('Bob')]
  for (const room of both) await expect.poll(() => connected(room), { timeout: 10_000 }).toBe(1)
  return both
}

afterEach(async () => {
  for (const room of rooms.splice(0)) room.leave()
  await expect.poll(() => hub.stats()).toEqual({ sessions: 0, rooms: 0 })
})

describe('joinRoom', () => {
  test('two that join see each other and talk, and whoever leaves is gone at once', async () => {
    const [ada, bob] = await pair()
    expect([names(ada), names(bob)]).toEqual([['Bob'], ['Ada']])
    const heard: string[] = []
    const stop = bob.onMessage((text, { id, name }) => heard.push(`${name}: ${text} ${id === ada.client.self}`))
    expect(ada.send('hello')).toBe('sent')
    expect(ada.send('again')).toBe('sent')
    bob.send('mine is not heard by myself')
    await expect.poll(() => heard).toEqual(['Ada: hello true', 'Ada: again true'])
    stop()
    ada.send('nobody listens')
    await expect.poll(() => bob.chat.getSnapshot().at(-1)).toMatchObject({ text: 'nobody listens' })
    expect(heard).toHaveLength(2)
    ada.leave()
    await expect.poll(() => names(bob)).toEqual([])
    expect([ada.line.getSnapshot(), ada.membership.getSnapshot()]).toEqual([
      { status: 'closed', code: 'bye' },
      { status: 'left' },
    ])
    expect(ada.send('too late')).toBe('left')
  })

  test('what is said as soon as a room is entered reaches those who are in it', async () => {
    const bob = join('Bob')
    await expect.poll(() => bob.membership.getSnapshot().status).toBe('joined')
    const heard: string[] = []
    bob.onMessage((text) => heard.push(text))
    const ada = join('Ada')
    expect([ada.send('hello'), ada.send('again')]).toEqual(['sent', 'sent'])
    expect(ada.chat.getSnapshot(), 'the author sees it at once').toHaveLength(2)
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['hello', 'again'])
    expect(ada.chat.getSnapshot()).toMatchObject([{ text: 'hello' }, { text: 'again' }])
    expect(ada.chat.getSnapshot()[0]).not.toHaveProperty('alone')
  })

  test('the first connection of a device uses the ICE servers that the hub names, as later ones do', async () => {
    const asked = new Set<number>()
    const stun = createSocket('udp4').on('message', (_, { port }) => asked.add(port))
    await new Promise<void>((resolve) => stun.bind(0, '127.0.0.1', resolve))
    const iceServers = [{ urls: [`stun:127.0.0.1:${stun.address().port}`] }]
    const served = new MemoryAddress()
    const other = new Hub({ iceServersFor: () => ({ iceServers }) })
    other.serve(listenMemory(served))
    for (const name of ['Ada', 'Bob']) join(name, { lines: [dialMemory(served)] })
    // Each from a port of its own.
    await expect.poll(() => asked.size, { timeout: 10_000 }).toBe(2)
    stun.close()
  })

  test('a message that was said before somebody listened is not told to them', async () => {
    const [ada, bob] = await pair()
    ada.send('early')
    await expect.poll(() => bob.chat.getSnapshot().at(-1)).toMatchObject({ text: 'early' })
    const heard: string[] = []
    bob.onMessage((text) => heard.push(text))
    ada.send('late')
    await expect.poll(() => heard).toEqual(['late'])
  })

  test('a channel carries what the application likes', async () => {
    const [ada, bob] = await pair()
    const points: unknown[] = []
    bob.channel<{ x: number }>('cursor').onMessage((point) => points.push(point))
    ada.channel<{ x: number }>('cursor').send({ x: 1 })
    await expect.poll(() => points).toEqual([{ x: 1 }])
  })

  test('a request may be waited for without end', async () => {
    const [ada, bob] = await pair()
    let answer: ((text: string) => void) | undefined
    bob.channel<string, string>('ask').onRequest(() => new Promise((resolve) => (answer = resolve)))
    const to = bob.client.self
    if (to === undefined) throw new Error('nobody')
    const asked = ada.channel<string, string>('ask').request('well?', to, { timeoutMs: Infinity })
    await Promise.race([asked, expect.poll(() => answer).toBeDefined()])
    answer?.('yes')
    expect(await asked).toBe('yes')
  })

  test('with a conversation, who comes later gets what was said, and replies', async () => {
    const conversation = () => new Conversation()
    const ada = join('Ada', { conversation })
    await expect.poll(() => ada.client.self).toBeDefined()
    expect(ada.conversation?.send('anyone?')).toBe('sent')
    const bob = join('Bob', { conversation })
    const said = ({ conversation: held }: Room) =>
      held?.getSnapshot().entries.flatMap((entry) => (entry.kind === 'message' ? [entry] : [])) ?? []
    await expect.poll(() => said(bob)[0], { timeout: 10_000 }).toMatchObject({ text: 'anyone?', name: 'Ada' })
    bob.conversation?.send('me', { replyTo: said(bob)[0]?.key ?? '' })
    await expect.poll(() => said(ada)[1]).toMatchObject({ text: 'me', replyTo: said(ada)[0]?.key })
    expect(said(ada)[0]?.received).toEqual([bob.client.self])
  })

  test('a host locks the room, lets somebody in, turns another away, and removes a member', async () => {
    const ada = join('Ada', { hostKey: createHostKey() })
    await expect.poll(() => ada.moderation?.getSnapshot().isHost).toBe(true)
    ada.moderation?.lock(true)
    await expect.poll(() => ada.moderation?.getSnapshot().isLocked).toBe(true)
    const [bob, eve] = [join('Bob'), join('Eve')]
    await expect.poll(() => bob.membership.getSnapshot()).toEqual({ status: 'waiting' })
    const knocking = () => ada.moderation?.getSnapshot().knocking ?? []
    await expect
      .poll(() =>
        knocking()
          .map(({ name }) => name)
          .toSorted(),
      )
      .toEqual(['Bob', 'Eve'])
    for (const { id, name } of knocking())
      if (name === 'Bob') ada.moderation?.admit(id)
      else ada.moderation?.remove(id)
    await expect.poll(() => connected(bob), { timeout: 10_000 }).toBe(1)
    expect(names(ada)).toEqual(['Bob'])
    expect(ada.peers.getSnapshot()[0]?.info.host).toBeUndefined()
    expect(bob.peers.getSnapshot()[0]?.info.host).toBe(true)
    const removed = { status: 'refused', code: 'removed' }
    await expect.poll(() => eve.membership.getSnapshot()).toEqual(removed)
    ada.moderation?.remove(bob.client.self as PeerId)
    await expect.poll(() => bob.membership.getSnapshot()).toEqual(removed)
    await expect.poll(() => [names(ada), names(bob)]).toEqual([[], []])
  })

  test('whoever comes back with the same secret is the same member', async () => {
    const secret = createPeerSecret()
    const first = join('Ada', { secret })
    await expect.poll(() => first.client.self).toBeDefined()
    const id = first.client.self
    first.leave()
    const second = join('Ada', { secret })
    await expect.poll(() => second.client.self).toBe(id)
  })

  test.each<[string, Partial<JoinOptions>]>([
    ['room', { room: 'no such room!' }],
    ['name', { name: ' ' }],
    ['name', { name: undefined as never }],
    ['name', { name: 42 as never }],
    ['title', { title: 42 as never }],
    ['lines', { lines: [] }],
    ['lines', { lines: ['websocket'] as never }],
    ['lines', { lines: 'websocket' as never }],
    ['line', { line: 'nope' }],
    ['token', { token: 'abc' as never }],
    ['token', { token: '' as never }],
    ['server', { server: 'chat.example', lines: undefined as never }],
    ['server', { server: 'ftp://chat.example', lines: undefined as never }],
    ['server', { server: 'https://chat.example/?room=x', lines: undefined as never }],
    ['server', { server: 'https://chat.example/#x', lines: undefined as never }],
    ['server', { server: 'https://ada:secret@chat.example', lines: undefined as never }],
    ['key', { key: 'short' as never }],
    ['key', { key: null as never }],
    ['secret', { secret: 'short' as never }],
    ['instance', { instance: 'short' as never }],
    ['rtc', { rtc: undefined as never }],
    ['rtc', { rtc: 'x' as never }],
    ['rtc', { rtc: { capabilities: nodeDataChannel.capabilities } as never }],
    ['rtc', { rtc: { createPeerConnection: nodeDataChannel.createPeerConnection } as never }],
    ['rtc', { rtc: { ...nodeDataChannel, capabilities: { data: true } as never } }],
    ['hostKey', { hostKey: 'short' as never }],
    ['features', { features: [feature('')] }],
    ['features', { features: [feature('same'), feature('same')] }],
    ['features', { features: [feature('files')] }],
    ['features', { features: [feature('chat')] }],
    ['features', { features: Array.from({ length: 55 }, (_, i) => feature(`${i}`)) }],
  ])('a wrong %s is refused where it is given, and nothing is dialed', (field, options) => {
    const { line, dials } = counted()
    expect(() => join('Ada', { lines: [line], ...options })).toThrow(InvalidFieldError)
    expect(() => join('Ada', { lines: [line], ...options })).toThrow(`\`${field}\` must be`)
    expect(dials()).toBe(0)
  })

  test.each<[string, Partial<JoinOptions>]>([
    [
      'its conversation cannot be made',
      {
        conversation: () => {
          throw new Error('no conversation')
        },
      },
    ],
    [
      'media cannot be processed',
      {
        processMedia: () => {
          throw new Error('no worklet')
        },
      },
    ],
  ])('a room that cannot be made because %s leaves nobody behind', async (_, options) => {
    const { line, dials } = counted()
    expect(() => join('Ada', { lines: [line], ...options })).toThrow()
    const bob = join('Bob')
    await expect.poll(() => bob.membership.getSnapshot().status).toBe('joined')
    expect(names(bob)).toEqual([])
    expect(dials()).toBeLessThan(2)
  })

  test('what processes media is undone where the devices cannot be made', () => {
    const undo = vi.fn<() => void>()
    // The platform of these tests has no media: as far as devices are asked for.
    vi.stubGlobal('MediaStream', Object)
    const devices = () => {
      throw new Error('no devices')
    }
    expect(() => join('Ada', { processMedia: () => undo, devices })).toThrow('no devices')
    expect(undo).toHaveBeenCalledOnce()
    vi.unstubAllGlobals()
  })

  test('devices of a member that may not stay are on until the last of the others has gone', async () => {
    let mayStay = true
    const judging = new Hub({
      authorize: ({ token }) => (token === 'Ada' ? { expiresInMs: 1_000, ...(!mayStay && { rooms: [] }) } : {}),
    })
    const door = new MemoryAddress()
    judging.serve(listenMemory(door))
    const turnedOff: string[] = []
    const devices = {
      connect: async () => {},
      dispose: () => {},
      getSnapshot: () => ({ camera: { status: turnedOff.length === 0 ? 'on' : 'off' }, microphone: {}, screen: {} }),
      turnOff: async (source: string) => void turnedOff.push(source),
    } as unknown as LocalDevices
    vi.stubGlobal('MediaStream', Object)
    const ada = join('Ada', { lines: [dialMemory(door)], token: () => 'Ada', devices: () => devices })
    vi.unstubAllGlobals()
    const bob = join('Bob', { lines: [dialMemory(door)], token: () => 'Bob' })
    await expect.poll(() => connected(ada), { timeout: 10_000 }).toBe(1)
    mayStay = false
    await expect.poll(() => ada.membership.getSnapshot()).toEqual({ status: 'refused', code: 'forbidden' })
    expect([names(ada), turnedOff]).toEqual([['Bob'], []])
    bob.leave()
    await expect.poll(() => turnedOff).toContain('camera')
    ada.leave()
    await expect.poll(() => judging.stats().sessions).toBe(0)
  })

  test('a key where the platform cannot seal is refused, instead of a room that nobody can enter', () => {
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
    try {
      expect(() => join('Ada', { key: createRoomKey() })).toThrow('`key` must be a room key, on https: or localhost')
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('rooms in one page are members of their own, and who leaves and comes back is the same', async () => {
    const kept = new Map<string, string>()
    vi.stubGlobal('sessionStorage', {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
    })
    try {
      const first = join('Ada')
      const second = join('Ada', { room: 'saturday' })
      const both = () => [first, second].map(({ membership }) => membership.getSnapshot().status)
      await expect.poll(both).toEqual(['joined', 'joined'])
      const { self } = first.client
      expect(second.client.self).not.toBe(self)
      expect(first.line.getSnapshot().status).toBe('online')
      first.leave()
      const again = join('Ada')
      await expect.poll(() => again.client.self).toBe(self)
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('relayOnly hides the addresses of this machine in Node too', async () => {
    const connection = nodeDataChannel.createPeerConnection({ iceTransportPolicy: 'relay', iceServers: [] })
    const open = nodeDataChannel.createPeerConnection({ iceServers: [] })
    const candidates: Record<string, string[]> = { relay: [], all: [] }
    const [offered, answered] = [candidates.relay, candidates.all] as [string[], string[]]
    connection.addEventListener('icecandidate', ({ candidate }) => candidate && offered.push(candidate.candidate))
    open.addEventListener('icecandidate', ({ candidate }) => candidate && answered.push(candidate.candidate))
    connection.createDataChannel('x')
    await connection.setLocalDescription()
    await open.setRemoteDescription(connection.localDescription as RTCSessionDescription)
    await open.setLocalDescription()
    await expect.poll(() => answered.length).toBeGreaterThan(0)
    await connection.setRemoteDescription(open.localDescription as RTCSessionDescription)
    await expect.poll(() => connection.iceGatheringState).toBe('complete')
    expect(offered).toEqual([])
    connection.close()
    open.close()
  })

  test('a camera where the platform has none says so and throws nothing', async () => {
    const room = join('Ada')
    expect(await room.camera.turnOn()).toEqual({ status: 'failed', reason: 'failed' })
    await room.camera.turnOff()
  })
})
