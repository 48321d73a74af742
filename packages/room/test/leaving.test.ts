import { Conversation } from '@patchbay/core/conversation'
import { Hub } from '@patchbay/core/hub'
import type { LocalDevices, ProcessedMedia } from '@patchbay/core/mesh'
import type { Dialer } from '@patchbay/core/transport'
import { createHostKey, createPeerSecret, type PeerId } from '@patchbay/protocol'
import { dialMemory, MemoryAddress } from '@patchbay/transport-memory/client'
import { listenMemory } from '@patchbay/transport-memory/server'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { joinRoom, type JoinOptions, type Room } from '../src/index.ts'
import { nodeDataChannel } from '../src/node-datachannel.ts'

const rooms: Room[] = []
const hub = new Hub()
const address = new MemoryAddress()
hub.serve(listenMemory(address))

function join(name: string, options: Partial<JoinOptions> = {}): Room {
  const { devices } = devicesThatAreOn()
  const usual = { lines: [dialMemory(address)], room: 'friday', rtc: nodeDataChannel, devices }
  const room = joinRoom({ ...usual, name, ...options })
  rooms.push(room)
  return room
}

/** Camera, microphone and screen that are on, and what became of them. */
function devicesThatAreOn() {
  const state: Record<string, { status: string }> = {
    camera: { status: 'on' },
    microphone: { status: 'on' },
    screen: { status: 'on' },
  }
  const turnedOff: string[] = []
  const dispose = vi.fn<() => void>()
  const turnedOffBy = new Set<unknown>()
  const turnOff = async (source: string, sink: unknown) => {
    turnedOffBy.add(sink)
    turnedOff.push(source)
    state[source] = { status: 'off' }
  }
  const turnOn = vi.fn<() => Promise<void>>(async () => {})
  const given = { connect: async () => {}, dispose, getSnapshot: () => state, turnOff, turnOn, shareScreen: turnOn }
  return { devices: () => given as unknown as LocalDevices, dispose, turnedOff, turnedOffBy, turnOn }
}

// The platform of these tests has no media: this much is enough for the stand-ins to be asked for.
beforeEach(() => void vi.stubGlobal('MediaStream', Object))

afterEach(async () => {
  for (const room of rooms.splice(0)) room.leave()
  vi.unstubAllGlobals()
  await expect.poll(() => hub.stats()).toEqual({ sessions: 0, rooms: 0 })
})

describe('a room that is over', () => {
  test('leaving releases the devices, what processes them and the conversation, once', async () => {
    const { devices, dispose } = devicesThatAreOn()
    const undo = vi.fn<() => void>()
    const stopped = vi.spyOn(Conversation.prototype, 'close')
    let outgoing: ProcessedMedia | undefined
    const processMedia = (given: ProcessedMedia) => {
      outgoing = given
      return undo
    }
    const room = join('Ada', { devices, processMedia, conversation: () => new Conversation() })
    await expect.poll(() => room.membership.getSnapshot().status).toBe('joined')
    const ended = vi.spyOn(outgoing as ProcessedMedia, 'dispose')
    expect([dispose, undo, stopped, ended].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0, 0])
    room.leave()
    room.leave()
    expect([dispose, undo, stopped, ended].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1, 1])
    stopped.mockRestore()
  })

  test('camera, microphone and screen that the next room has taken over are turned on by that room alone', async () => {
    const { devices, turnOn } = devicesThatAreOn()
    const [on, off] = [{ status: 'on' }, { status: 'off' }]
    const [former, next] = [join('Ada', { devices }), join('Ada', { devices, room: 'saturday' })]
    former.leave()
    const turnOnAll = ({ camera, microphone, screen }: Room) =>
      Promise.all([camera, microphone, screen].map((source) => source.turnOn()))
    expect(await turnOnAll(former)).toEqual([off, off, off])
    expect(turnOn).not.toHaveBeenCalled()
    expect(await turnOnAll(next)).toEqual([on, on, on])
    expect(turnOn).toHaveBeenCalledTimes(3)
  })

  test('a member whose place another page has taken with its secret releases its devices', async () => {
    const { devices, dispose } = devicesThatAreOn()
    const secret = createPeerSecret()
    const first = join('Ada', { secret, devices })
    await expect.poll(() => first.membership.getSnapshot().status).toBe('joined')
    join('Ada', { secret })
    await expect.poll(() => first.line.getSnapshot()).toEqual({ status: 'closed', code: 'superseded' })
    expect(dispose).toHaveBeenCalledOnce()
  })

  test('camera, microphone and screen of a member that a host removes are all turned off', async () => {
    const { devices, turnedOff, turnedOffBy } = devicesThatAreOn()
    const ada = join('Ada', { hostKey: createHostKey() })
    await expect.poll(() => ada.moderation?.getSnapshot().isHost).toBe(true)
    const bob = join('Bob', { devices })
    await expect.poll(() => bob.membership.getSnapshot().status).toBe('joined')
    expect(turnedOff).toEqual([])
    ada.moderation?.remove(bob.client.self as PeerId)
    await expect.poll(() => turnedOff).toEqual(['camera', 'microphone', 'screen'])
    await bob.camera.turnOff()
    expect([...turnedOffBy], 'those of the next room are its own').toEqual([bob.outgoing])
  })
})

describe('a room in a page', () => {
  /** A page that is hidden or visible, in place of the browser's. */
  function openPage() {
    const page = new EventTarget()
    const shown = Object.assign(new EventTarget(), { visibilityState: 'visible' })
    vi.stubGlobal('window', page)
    vi.stubGlobal('document', shown)
    const setVisibility = (state: string) => {
      shown.visibilityState = state
      shown.dispatchEvent(new Event('visibilitychange'))
    }
    return { fire: (name: string) => page.dispatchEvent(new Event(name)), setVisibility }
  }

  /** A room that cannot reach its server and waits for ever until it dials again; it has dialed once. */
  async function unreachable() {
    let dials = 0
    const line: Dialer = {
      name: 'memory',
      dial: (...given) => {
        dials += 1
        return dialMemory(new MemoryAddress()).dial(...given)
      },
    }
    const clock = { now: () => performance.now(), after: () => () => {} }
    const room = join('Ada', { lines: [line], clock })
    await expect.poll(() => room.line.getSnapshot().status).toBe('reconnecting')
    expect(dials).toBe(1)
    return { room, dials: () => dials }
  }

  test('when the network is back the server is dialed at once, and the connections are told', async () => {
    const { fire } = openPage()
    const { room, dials } = await unreachable()
    const told = vi.spyOn(room.mesh, 'networkChanged')
    fire('online')
    expect(told).toHaveBeenCalledOnce()
    await expect.poll(dials).toBe(2)
    room.leave()
    fire('online')
    expect(told, 'whoever has left is told nothing').toHaveBeenCalledOnce()
  })

  test('a page that is shown again dials the server at once, and one that is hidden does not', async () => {
    const { setVisibility } = openPage()
    const { room, dials } = await unreachable()
    const retried = vi.spyOn(room.client, 'retryNow')
    setVisibility('hidden')
    expect(retried).not.toHaveBeenCalled()
    setVisibility('visible')
    await expect.poll(dials).toBe(2)
    room.leave()
    setVisibility('visible')
    expect(retried, 'not after the room was left').toHaveBeenCalledOnce()
  })

  test('a page that goes away leaves the room', async () => {
    const { fire } = openPage()
    const room = join('Ada')
    await expect.poll(() => room.membership.getSnapshot().status).toBe('joined')
    fire('pagehide')
    expect(room.membership.getSnapshot()).toEqual({ status: 'left' })
  })
})
