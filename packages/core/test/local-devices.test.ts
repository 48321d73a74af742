import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LocalDevices } from '../src/mesh/index.ts'
import type { LocalMedia, Source } from '../src/mesh/media/local-media.ts'
import { MAX_CAMERAS } from '../src/mesh/media/send-budget.ts'

class FakeTrack extends EventTarget {
  readonly kind: 'audio' | 'video'
  readonly label: string
  enabled = true
  readyState = 'live'

  constructor(kind: 'audio' | 'video', label: string) {
    super()
    this.kind = kind
    this.label = label
  }

  stop(): void {
    this.readyState = 'ended'
  }

  getSettings(): object {
    return { deviceId: this.label }
  }
}

class FakeStream {
  readonly #tracks: Set<FakeTrack>

  constructor(tracks: readonly FakeTrack[] = []) {
    this.#tracks = new Set(tracks)
  }

  addTrack(track: FakeTrack): void {
    this.#tracks.add(track)
  }

  removeTrack(track: FakeTrack): void {
    this.#tracks.delete(track)
  }

  getTracks(): FakeTrack[] {
    return [...this.#tracks]
  }
}

beforeEach(() => vi.stubGlobal('MediaStream', FakeStream))
afterEach(() => vi.unstubAllGlobals())

/** Devices whose person chooses these screens, one after the other; `sent` is what the room was given last. */
async function devicesFor(...screens: readonly (readonly FakeTrack[])[]) {
  const left = [...screens]
  const platform = Object.assign(new EventTarget(), {
    enumerateDevices: async () => [],
    getDisplayMedia: async () => new FakeStream(left.shift()),
  })
  const devices = new LocalDevices(platform as unknown as MediaDevices)
  let media: LocalMedia | undefined
  await devices.connect({ cameras: 0, set: async (_, given) => void (media = given), announce: () => {} })
  const sent = () => [...(media?.tracks ?? [])].map(([source, { label }]) => `${source}: ${label}`)
  const shown = () =>
    devices
      .getSnapshot()
      .screenStream.getTracks()
      .map(({ label }) => label)
  return { devices, sent, shown }
}

/** Microphones of which one can be open at a time. @param wait what opening one takes. */
async function microphones(wait: (wanted: string) => Promise<void> = async () => {}) {
  let open: FakeTrack | undefined
  const platform = Object.assign(new EventTarget(), {
    enumerateDevices: async () => [],
    getUserMedia: async ({ audio }: { readonly audio: { readonly deviceId?: { readonly exact?: string } } }) => {
      if (open?.readyState === 'live') throw new DOMException('no', 'NotReadableError')
      await wait(audio.deviceId?.exact ?? 'usual')
      open = new FakeTrack('audio', audio.deviceId?.exact ?? 'usual')
      return new FakeStream([open])
    },
  })
  const devices = new LocalDevices(platform as unknown as MediaDevices)
  await devices.turnOn('microphone')
  return { devices, track: () => open }
}

test('who is muted stays muted with another microphone, also where the first has to be closed before', async () => {
  const { devices, track } = await microphones()
  devices.setMuted(true)
  await devices.turnOn('microphone', 'headset')
  expect(devices.getSnapshot().microphone).toEqual({ status: 'on', deviceId: 'headset', muted: true })
  expect(track()?.enabled).toBe(false)
})

test.each(['while it is given up', 'while the other is opened'])(
  'who is muted stays muted with a third microphone that is chosen %s',
  async (when) => {
    const waiting: (() => void)[] = []
    const pass = async () => new Promise<void>((resolve) => void waiting.push(resolve))
    const { devices } = await microphones(async (wanted) => (wanted === 'headset' ? pass() : undefined))
    devices.setMuted(true)
    let isSlow = false
    await devices.connect({ cameras: 0, set: async () => (isSlow ? pass() : undefined), announce: () => {} })
    isSlow = when === 'while it is given up'
    const first = devices.turnOn('microphone', 'headset')
    await vi.waitFor(() => expect(devices.getSnapshot().microphone.status).toBe('starting'))
    await vi.waitFor(() => expect(waiting).not.toHaveLength(0))
    isSlow = false
    const second = devices.turnOn('microphone', 'other')
    for (const go of waiting) go()
    await Promise.all([first, second])
    expect(devices.getSnapshot().microphone).toEqual({ status: 'on', deviceId: 'other', muted: true })
    expect(devices.getSnapshot().stream.getTracks()).toMatchObject([{ label: 'other', enabled: false }])
  },
)

test('a microphone that is muted while it is being opened is muted when it is on, and not the next time', async () => {
  const { devices, track } = await microphones()
  const stop = devices.subscribe(() => {
    if (devices.getSnapshot().microphone.status !== 'starting') return
    stop()
    devices.setMuted(true)
  })
  await devices.turnOn('microphone', 'headset')
  expect(devices.getSnapshot().microphone).toEqual({ status: 'on', deviceId: 'headset', muted: true })
  expect(track()?.enabled).toBe(false)
  await devices.turnOff('microphone')
  await devices.turnOn('microphone')
  expect(devices.getSnapshot().microphone).toMatchObject({ status: 'on', muted: false })
})

test('a microphone that is turned off while another is being opened stays off', async () => {
  const { devices } = await microphones()
  let release = () => {}
  const slow = new Promise<void>((resolve) => (release = resolve))
  let sets = 0
  const set = async () => void ((sets += 1) === 2 && (await slow))
  await devices.connect({ cameras: 0, set, announce: () => {} })
  const chosen = devices.turnOn('microphone', 'headset')
  await vi.waitFor(() => expect(sets).toBe(2))
  const off = devices.turnOff('microphone')
  release()
  await Promise.all([chosen, off])
  expect(devices.getSnapshot().microphone).toEqual({ status: 'off' })
})

/** Two cameras, of which `problem` keeps the other one from being opened beside the first. */
async function camerasWith(problem: (open: FakeTrack | undefined, wanted: string) => string | undefined) {
  let open: FakeTrack | undefined
  const platform = Object.assign(new EventTarget(), {
    enumerateDevices: async () => [],
    getUserMedia: async ({ video }: { readonly video: { readonly deviceId?: { readonly exact?: string } } }) => {
      const wanted = video.deviceId?.exact ?? 'front'
      const name = problem(open, wanted)
      if (name !== undefined) throw new DOMException('no', name)
      open = new FakeTrack('video', wanted)
      return new FakeStream([open])
    },
  })
  const devices = new LocalDevices(platform as unknown as MediaDevices)
  await devices.turnOn('camera')
  await devices.turnOn('camera', 'back')
  return devices.getSnapshot().camera
}

test.each([
  ['is opened beside the first', () => undefined, { status: 'on', deviceId: 'back' }],
  [
    'waits until the first is closed',
    (open) => (open?.readyState === 'live' ? 'NotReadableError' : undefined),
    { status: 'on', deviceId: 'back' },
  ],
  [
    'is in use elsewhere: the first is opened again',
    (_, wanted) => (wanted === 'back' ? 'NotReadableError' : undefined),
    { status: 'on', deviceId: 'front' },
  ],
  [
    'cannot be opened, nor the first again, as is said',
    (open, wanted) => (wanted === 'back' || open?.readyState === 'ended' ? 'NotReadableError' : undefined),
    { status: 'failed', reason: 'busy' },
  ],
  [
    'is gone: the first stays on',
    (_, wanted) => (wanted === 'back' ? 'OverconstrainedError' : undefined),
    { status: 'on', deviceId: 'front' },
  ],
] satisfies [string, Parameters<typeof camerasWith>[0], object][])('another camera %s', async (_, problem, state) => {
  expect(await camerasWith(problem)).toMatchObject(state)
})

test('the sound of a screen ends when another one is shared that has none', async () => {
  const [tab, sound] = [new FakeTrack('video', 'tab'), new FakeTrack('audio', 'sound of the tab')]
  const { devices, sent, shown } = await devicesFor([tab, sound], [new FakeTrack('video', 'window')])
  await devices.shareScreen()
  expect(sent()).toEqual(['screen: tab', 'screenAudio: sound of the tab'])
  await devices.shareScreen()
  expect(sent()).toEqual(['screen: window'])
  expect(shown()).toEqual(['window'])
  expect([tab.readyState, sound.readyState]).toEqual(['ended', 'ended'])
})

test('a screen with sound replaces another one with sound, and both end together', async () => {
  const screen = (name: string) => [new FakeTrack('video', name), new FakeTrack('audio', `sound of ${name}`)]
  const { devices, sent } = await devicesFor(screen('one'), screen('two'))
  await devices.shareScreen()
  await devices.shareScreen()
  expect(sent()).toEqual(['screen: two', 'screenAudio: sound of two'])
  await devices.turnOff('screen')
  expect(sent()).toEqual([])
})

test('devices that were disposed of with one room are as new in the next', async () => {
  let listed = 0
  const platform = Object.assign(new EventTarget(), {
    enumerateDevices: async () => {
      listed += 1
      return []
    },
    getUserMedia: async () => new FakeStream([new FakeTrack('video', 'usual')]),
  })
  const devices = new LocalDevices(platform as unknown as MediaDevices)
  const room = { cameras: 0, set: () => Promise.resolve(), announce: () => {} }
  await devices.connect(room)
  await devices.turnOn('camera')
  devices.dispose()
  expect(devices.getSnapshot().stream.getTracks()).toEqual([])
  await devices.connect(room)
  await devices.turnOn('camera')
  expect(devices.getSnapshot().stream.getTracks()).toMatchObject([{ readyState: 'live' }])
  listed = 0
  platform.dispatchEvent(new Event('devicechange'))
  expect(listed).toBe(1)
})

test('nothing is opened after the room was left, and what was to be turned on is shown as failed', async () => {
  let asked = 0
  const ask = async () => {
    asked += 1
    return new FakeStream([new FakeTrack('video', 'usual')])
  }
  const platform = Object.assign(new EventTarget(), {
    enumerateDevices: async () => [],
    getUserMedia: ask,
    getDisplayMedia: ask,
  })
  const devices = new LocalDevices(platform as unknown as MediaDevices)
  await devices.connect({ cameras: 0, set: async () => {}, announce: () => {} })
  devices.dispose()
  await Promise.all([devices.turnOn('camera'), devices.turnOn('microphone'), devices.shareScreen()])
  expect(asked).toBe(0)
  expect(devices.getSnapshot()).toMatchObject({
    camera: { status: 'failed' },
    microphone: { status: 'failed' },
    screen: { status: 'failed' },
  })
})

test('a microphone that ended and was turned on again at once is not called failed', async () => {
  const { devices, track } = await microphones()
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  let isHeld = false
  await devices.connect({ cameras: 0, set: () => (isHeld ? held : Promise.resolve()), announce: () => {} })
  isHeld = true
  const first = track()
  first?.stop()
  first?.dispatchEvent(new Event('ended'))
  isHeld = false
  await devices.turnOn('microphone')
  release()
  await held
  await Promise.resolve()
  expect(devices.getSnapshot().microphone).toMatchObject({ status: 'on' })
})

test('the sound of a screen ends with the share, also where the room does not take the end of the picture', async () => {
  const [tab, sound] = [new FakeTrack('video', 'tab'), new FakeTrack('audio', 'sound of the tab')]
  const { devices } = await devicesFor([tab, sound])
  await devices.shareScreen()
  const set = (source: Source) => (source === 'screen' ? Promise.reject(new Error('refused')) : Promise.resolve())
  await devices.connect({ cameras: 0, set, announce: () => {} }).catch(() => {})
  await expect(devices.turnOff('screen')).rejects.toThrow('refused')
  expect([tab.readyState, sound.readyState]).toEqual(['ended', 'ended'])
  expect(devices.getSnapshot().screenStream.getTracks()).toEqual([])
})

test('what is being opened when the room is left is shown as off in the next one', async () => {
  const never = () => new Promise<never>(() => {})
  const platform = Object.assign(new EventTarget(), {
    enumerateDevices: async () => [],
    getUserMedia: never,
    getDisplayMedia: never,
  })
  const devices = new LocalDevices(platform as unknown as MediaDevices)
  const room = { cameras: 0, set: async () => {}, announce: () => {} }
  await devices.connect(room)
  void devices.turnOn('camera')
  void devices.turnOn('microphone')
  void devices.shareScreen()
  expect(devices.getSnapshot().camera).toEqual({ status: 'starting' })
  devices.dispose()
  await devices.connect(room)
  const off = { status: 'off' }
  expect(devices.getSnapshot()).toMatchObject({ camera: off, microphone: off, screen: off })
})

test('devices that the next room has taken over before the last one is left stay on, and can be turned on', async () => {
  const platform = Object.assign(new EventTarget(), {
    enumerateDevices: async () => [],
    getUserMedia: async () => new FakeStream([new FakeTrack('video', 'usual')]),
  })
  const devices = new LocalDevices(platform as unknown as MediaDevices)
  const sink = () => ({ cameras: 0, set: async () => {}, announce: () => {} })
  const [last, next] = [sink(), sink()]
  await devices.connect(last)
  await devices.turnOn('camera')
  await devices.connect(next)
  devices.dispose(last)
  await devices.turnOff('camera', last)
  expect(devices.getSnapshot().camera).toMatchObject({ status: 'on' })
  await devices.turnOff('camera')
  await devices.turnOn('camera')
  expect(devices.getSnapshot().camera).toMatchObject({ status: 'on' })
  devices.dispose(next)
  expect(devices.getSnapshot().camera).toEqual({ status: 'off' })
})

test.each<[string, (devices: LocalDevices) => unknown]>([
  ['it was turned off', (devices) => devices.turnOff('camera')],
  ['the room was left', (devices) => devices.dispose()],
])('a camera that opens after %s is closed at once', async (_, end) => {
  const track = new FakeTrack('video', 'usual')
  let opened: (stream: FakeStream) => void = () => {}
  const promise = new Promise<FakeStream>((resolve) => (opened = resolve))
  const platform = Object.assign(new EventTarget(), { enumerateDevices: async () => [], getUserMedia: () => promise })
  const devices = new LocalDevices(platform as unknown as MediaDevices)
  const turnedOn = devices.turnOn('camera')
  await end(devices)
  opened(new FakeStream([track]))
  await turnedOn
  expect(track.readyState).toBe('ended')
  expect(devices.getSnapshot().camera).toEqual({ status: 'off' })
})

test('a microphone that is unplugged is shown as ended, and is sent no more', async () => {
  const { devices, track } = await microphones()
  const sent: number[] = []
  await devices.connect({ cameras: 0, set: async (_, { tracks }) => void sent.push(tracks.size), announce: () => {} })
  const unplugged = track()
  unplugged?.stop()
  unplugged?.dispatchEvent(new Event('ended'))
  await vi.waitFor(() => expect(devices.getSnapshot().microphone).toEqual({ status: 'failed', reason: 'ended' }))
  expect(sent).toEqual([1, 0])
})

test('camera settings that the camera cannot satisfy are not kept', async () => {
  class PickyTrack extends FakeTrack {
    async applyConstraints({ height }: { readonly height?: { readonly ideal: number } }): Promise<void> {
      if (height?.ideal === 4_000) throw new DOMException('no', 'OverconstrainedError')
    }
  }
  const platform = Object.assign(new EventTarget(), {
    enumerateDevices: async () => [],
    getUserMedia: async () => new FakeStream([new PickyTrack('video', 'usual')]),
  })
  const devices = new LocalDevices(platform as unknown as MediaDevices)
  await devices.turnOn('camera')
  await devices.setCamera({ height: 480 })
  await expect(devices.setCamera({ height: 4_000, frameRate: 10 })).rejects.toThrow('no')
  expect(devices.getSnapshot().cameraSettings).toEqual({ height: 480 })
})

test('a camera is not opened in a room that has no place for another one', async () => {
  let asked = 0
  const platform = Object.assign(new EventTarget(), {
    enumerateDevices: async () => [],
    getUserMedia: async () => {
      asked += 1
      return new FakeStream([new FakeTrack('video', 'usual')])
    },
  })
  const devices = new LocalDevices(platform as unknown as MediaDevices)
  const room = { cameras: MAX_CAMERAS, set: async () => {}, announce: () => {} }
  await devices.connect(room)
  await devices.turnOn('camera')
  expect(devices.getSnapshot().camera).toEqual({ status: 'failed', reason: 'crowded' })
  expect(asked).toBe(0)
  room.cameras -= 1
  await devices.turnOn('camera')
  expect(devices.getSnapshot().camera).toMatchObject({ status: 'on' })
  // Whoever has one on may change to another.
  room.cameras += 1
  await devices.turnOn('camera', 'back')
  expect(asked).toBe(2)
})
