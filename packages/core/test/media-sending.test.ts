import type { PeerId } from '@patchbay/protocol'
import { expect, test, vi } from 'vitest'
import { type LimitMedia, limitMedia, type LinkPort, PictureSizes, type SentSizes } from '../src/mesh/index.ts'
import { type LocalMedia, type MediaState, noMedia, type Source } from '../src/mesh/media/local-media.ts'
import { RoomMedia } from '../src/mesh/media/room-media.ts'
import { createStore } from '../src/store.ts'
import { ManualClock } from './support/manual-clock.ts'

/** A transceiver that the browser stops when the peer's answer refuses its m-line. */
class FakeTransceiver {
  isStopped = false
  sent: object | null
  #direction: string
  readonly sender = {
    replaceTrack: async (track: object | null) => void (this.sent = track),
    getParameters: () => ({ encodings: [] }),
  }

  constructor(track: object, { direction }: { readonly direction: string }) {
    this.sent = track
    this.#direction = direction
  }

  get direction(): string {
    return this.#direction
  }

  set direction(direction: string) {
    if (this.isStopped) throw new DOMException('The transceiver is stopped.', 'InvalidStateError')
    this.#direction = direction
  }
}

/** A link of `media` to a member, and the transceivers of its connection. */
function linkOf(media: RoomMedia, id: string, { isBroken = false, capabilities = { media: true } } = {}) {
  const transceivers: FakeTransceiver[] = []
  const told: unknown[] = []
  const getStats = vi.fn(async () => new Map())
  const link = media.attach({
    peer: { id: id as PeerId, capabilities },
    connection: {
      signalingState: 'stable',
      addEventListener: () => {},
      getStats,
      addTransceiver: (track: object, how: { readonly direction: string }) => {
        if (isBroken) throw new DOMException('no', 'UnknownError')
        const transceiver = new FakeTransceiver(track, how)
        transceivers.push(transceiver)
        return transceiver
      },
    },
    send: (message: unknown) => told.push(message),
  } as unknown as LinkPort)
  return { link, transceivers, told, getStats }
}

/** A room with its media, and how many times what is sent was limited. */
function room(limit?: LimitMedia) {
  let limits = 0
  const clock = new ManualClock()
  const media = new RoomMedia(clock, limit ?? (() => ({ apply: () => void (limits += 1) })))
  const set = (source: Source, track?: object) => {
    const tracks = new Map(track === undefined ? [] : [[source, track]])
    return media.set(source, { tracks, stream: { id: 's' }, screenStream: { id: 'd' } } as unknown as LocalMedia)
  }
  return { media, set, clock, limits: () => limits }
}

test('what a member turns on and off without end is shown for two seconds at a time, and what was on for longer is off at once', async () => {
  const clock = new ManualClock()
  const media = new RoomMedia(clock, undefined)
  const shown: string[] = []
  const id = 'eve' as PeerId
  const link = media.attach({
    peer: { id },
    clock,
    connection: { addEventListener: () => {} },
    changed: () => {
      const { microphone, camera, screen, stream } = media.of(id).media
      shown.push(`${microphone} ${camera} ${screen} ${stream}`)
    },
  } as unknown as LinkPort)
  const tell = (change: Partial<MediaState>) => link.receive?.({ type: 'media', ...noMedia, ...change })
  for (const change of [{ screen: 'on' }, { microphone: 'muted' }, { camera: 'on' }, { stream: 's' }] as const) {
    shown.length = 0
    for (let i = 0; i < 50; i += 1) {
      tell(i % 2 === 0 ? change : {})
      await clock.advance(39)
    }
    expect(shown, JSON.stringify(change)).toHaveLength(1)
    await clock.advance(100)
    expect(shown.at(-1)).toBe('off off off null')
    await clock.advance(2_000)
  }
  tell({ microphone: 'on' })
  tell({ microphone: 'muted' })
  expect(shown.at(-1), 'a mute').toBe('muted off off null')
  await clock.advance(2_000)
  tell({})
  expect(shown.at(-1)).toBe('off off off null')
  await clock.advance(2_000)
  tell({ microphone: 'muted', camera: 'on', stream: 's' })
  tell({ microphone: 'muted', stream: 's' })
  tell({ microphone: 'on', stream: 's' })
  expect(shown.at(-1), 'an unmute, while the camera is still shown').toBe('on on off s')
  await clock.advance(2_000)
  expect(shown.at(-1)).toBe('on off off s')
  tell({ camera: 'on' })
  tell({})
  link.closed?.()
  expect(clock.pending).toBe(0)
})

test('a member that refuses a screen stops nobody from ending the share, nor from sharing again', async () => {
  const { media, set, limits } = room()
  const [ada, bob] = [linkOf(media, 'ada'), linkOf(media, 'bob')]
  const [one, two] = [{ enabled: true }, { enabled: true }]
  await set('screen', one)
  for (const transceiver of bob.transceivers) transceiver.isStopped = true
  await set('screen')
  expect(ada.transceivers).toMatchObject([{ direction: 'inactive', sent: null }])
  expect(bob.transceivers).toHaveLength(1)
  await set('screen', two)
  expect(ada.transceivers, 'one m-line is reused').toMatchObject([{ direction: 'sendonly', sent: two }])
  expect(bob.transceivers[1]).toMatchObject({ direction: 'sendonly', sent: two })
  expect(limits()).toBe(3)
})

test('what fails on the link to one member is limited and sent to the others all the same', async () => {
  const { media, set, limits } = room()
  linkOf(media, 'bob', { isBroken: true })
  const ada = linkOf(media, 'ada')
  await set('camera', { enabled: true })
  expect([ada.transceivers.length, limits()]).toEqual([1, 1])
})

test('a member is told what is on in the end, also where turning it off takes longer than turning it on again', async () => {
  const { media, set } = room()
  const ada = linkOf(media, 'ada')
  await set('microphone', { enabled: true })
  const [transceiver] = ada.transceivers
  if (transceiver === undefined) throw new Error('nothing is sent')
  let release = () => {}
  const held = new Promise<undefined>((resolve) => (release = () => resolve(undefined)))
  const { replaceTrack } = transceiver.sender
  transceiver.sender.replaceTrack = () => held
  const off = set('microphone')
  transceiver.sender.replaceTrack = replaceTrack
  await set('microphone', { enabled: true })
  expect(ada.told.at(-1)).toMatchObject({ type: 'media', microphone: 'on' })
  release()
  await off
  expect(ada.told.at(-1)).toMatchObject({ type: 'media', microphone: 'on' })
})

/** What is under way on a connection that is closed never settles, as in Firefox. */
const never = new Promise<never>(() => {})

test('a device is off at once when a member leaves while it is turned off for that member', async () => {
  const { media, set } = room()
  const [ada, bob] = [linkOf(media, 'ada'), linkOf(media, 'bob')]
  await set('camera', { enabled: true })
  const [transceiver] = bob.transceivers
  if (transceiver === undefined) throw new Error('nothing is sent')
  transceiver.sender.replaceTrack = () => never
  const off = set('camera')
  bob.link.closed?.()
  await off
  expect(ada.transceivers).toMatchObject([{ sent: null }])
})

test('who comes and goes puts no look at paths off, and members without media make nobody’s picture smaller', async () => {
  const sent = createStore<SentSizes>(new Map())
  const { media, set, clock } = room(limitMedia(new PictureSizes(), sent))
  const ada = linkOf(media, 'ada')
  await set('camera', { enabled: true })
  for (let i = 0; i < 20; i += 1) {
    const bob = linkOf(media, 'bob', { capabilities: { media: false } })
    await clock.advance(450)
    bob.link.closed?.()
  }
  expect(ada.getStats).toHaveBeenCalledTimes(9)
  for (let i = 0; i < 7; i += 1) linkOf(media, `bot ${i}`, { capabilities: { media: false } })
  expect(sent.getSnapshot().get('ada' as PeerId)?.maxHeight).toBe(720)
  for (let i = 0; i < 7; i += 1) linkOf(media, `person ${i}`)
  expect(sent.getSnapshot().get('ada' as PeerId)?.maxHeight).toBe(480)
})

test('what is sent to the others goes on being adapted when a member leaves while its connection is looked at', async () => {
  const sent = createStore<SentSizes>(new Map())
  const { media, set, clock } = room(limitMedia(new PictureSizes(), sent))
  const [ada, bob] = [linkOf(media, 'ada'), linkOf(media, 'bob')]
  await set('camera', { enabled: true })
  bob.getStats.mockReturnValue(never)
  await clock.advance(1_000)
  expect([ada.getStats.mock.calls.length, bob.getStats.mock.calls.length]).toEqual([1, 1])
  bob.link.closed?.()
  expect([...sent.getSnapshot().keys()]).toEqual(['ada'])
  await clock.advance(2_000)
  expect(ada.getStats).toHaveBeenCalledTimes(3)
  ada.link.closed?.()
  expect([clock.pending, sent.getSnapshot().size]).toEqual([0, 0])
})
