import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LocalDevices } from '../src/mesh/index.ts'
import type { LocalMedia } from '../src/mesh/media/local-media.ts'

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
    return {}
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
