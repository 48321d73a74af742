import { createStore, type Store } from '../store.ts'
import type { DeviceSource, LocalMedia, Source } from './local-media.ts'
import { type MediaFailure, mediaFailureOf } from './media-failure.ts'

/** Where one source stands. */
export type SourceState =
  | { readonly status: 'off' }
  | { readonly status: 'starting' }
  | { readonly status: 'on'; readonly deviceId: string | undefined; readonly muted: boolean }
  | { readonly status: 'failed'; readonly reason: MediaFailure }

/** A device a person can choose. */
export interface Device {
  readonly id: string
  /** Empty until a permission was given. */
  readonly label: string
}

/** What is wished of the camera; whatever it cannot do, it comes near to (W3C Media Capture §4.3.8). `undefined`: as it likes. */
export interface CameraSettings {
  readonly width?: number | undefined
  readonly height?: number | undefined
  readonly aspectRatio?: number | undefined
  readonly frameRate?: number | undefined
}

/** Local microphone, camera and screen as the page shows them. */
export interface LocalDevicesState {
  readonly microphone: SourceState
  readonly camera: SourceState
  readonly screen: SourceState
  readonly devices: Readonly<Record<DeviceSource, readonly Device[]>>
  readonly cameraSettings: CameraSettings
  /** What the person sends now; the same object for the life of the room. */
  readonly stream: MediaStream
  /** What is sent of the screen now; likewise. */
  readonly screenStream: MediaStream
}

/** What the devices are used for: a {@link Mesh}, or anything of its shape. */
export interface MediaSink {
  setMedia(source: Source, media: LocalMedia): Promise<void>
  announceMedia(media: LocalMedia): void
  /** Why a source may not be turned on now, if it may not. */
  objectionTo?(source: Source): MediaFailure | undefined
}

const kinds = { microphone: 'audioinput', camera: 'videoinput' } as const
/** Kinds a track of `getDisplayMedia` can have, and what they are here. */
const screenSources = { video: 'screen', audio: 'screenAudio' } as const

/** What the local person sends: asked for only when turned on, released when turned off. */
export class LocalDevices implements Store<LocalDevicesState> {
  readonly #platform: MediaDevices | undefined
  readonly #sink: MediaSink
  readonly #stream: MediaStream = new MediaStream()
  readonly #screenStream: MediaStream = new MediaStream()
  readonly #tracks = new Map<Source, MediaStreamTrack>()
  readonly #store
  /** Counts what was asked for, so that an answer to an older wish is let go. */
  readonly #wishes = { microphone: 0, camera: 0, screen: 0 }
  readonly #onDeviceChange = () => void this.#listDevices()

  /** @param platform `navigator.mediaDevices`; `undefined` on an insecure origin. */
  constructor(platform: MediaDevices | undefined, sink: MediaSink) {
    this.#platform = platform
    this.#sink = sink
    this.#store = createStore<LocalDevicesState>({
      microphone: { status: 'off' },
      camera: { status: 'off' },
      screen: { status: 'off' },
      devices: { microphone: [], camera: [] },
      cameraSettings: {},
      stream: this.#stream,
      screenStream: this.#screenStream,
    })
    platform?.addEventListener('devicechange', this.#onDeviceChange)
    void this.#listDevices()
  }

  readonly getSnapshot = (): LocalDevicesState => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /** Turns a source on, or moves it to another device. The browser may ask the person first. */
  async turnOn(source: DeviceSource, deviceId?: string): Promise<void> {
    const device = deviceId === undefined ? {} : { deviceId: { exact: deviceId } }
    const constraints = { ...(source === 'camera' && describeWishes(this.getSnapshot().cameraSettings)), ...device }
    const kind = source === 'camera' ? 'video' : 'audio'
    const tracks = await this.#ask(source, (platform) => platform.getUserMedia({ [kind]: constraints }))
    if (tracks?.[0] === undefined) return
    await this.#use(source, tracks[0])
    // With the permission come the names of the devices.
    void this.#listDevices()
  }

  /** Shows a screen, a window or a tab that the person chooses, with its sound where the browser has it. */
  async shareScreen(): Promise<void> {
    const tracks = await this.#ask('screen', (platform) => platform.getDisplayMedia({ video: true, audio: true }))
    // All at once: the screen may be stopped at any moment, and then with all its tracks.
    const uses = tracks?.map((track) => this.#use(screenSources[track.kind as keyof typeof screenSources], track))
    await Promise.all(uses ?? [])
  }

  /** Turns a source off and lets the device go. */
  async turnOff(source: DeviceSource | 'screen'): Promise<void> {
    this.#wishes[source] += 1
    await this.#use(source, undefined)
    if (source === 'screen' && this.#tracks.has('screenAudio')) await this.#use('screenAudio', undefined)
  }

  /** Mutes the microphone, or unmutes it, without letting it go. */
  setMuted(muted: boolean): void {
    const track = this.#tracks.get('microphone')
    if (track === undefined) return
    track.enabled = !muted
    this.#show('microphone', { status: 'on', deviceId: track.getSettings().deviceId, muted })
    this.#sink.announceMedia(this.#media())
  }

  /**
   * Changes what is wished of the camera, now and whenever it is turned on.
   * @returns what it does then; `undefined` while it is off.
   * @throws {OverconstrainedError} when it cannot come near.
   */
  async setCamera(change: CameraSettings): Promise<MediaTrackSettings | undefined> {
    const track = this.#tracks.get('camera')
    const before = this.getSnapshot().cameraSettings
    const settings = { ...before, ...change }
    this.#store.set({ ...this.getSnapshot(), cameraSettings: settings })
    try {
      await track?.applyConstraints(describeWishes(settings))
    } catch (error) {
      this.#store.set({ ...this.getSnapshot(), cameraSettings: before })
      throw error
    }
    return track?.getSettings()
  }

  /** Lets everything go. */
  dispose(): void {
    this.#platform?.removeEventListener('devicechange', this.#onDeviceChange)
    for (const source of ['microphone', 'camera', 'screen'] as const) this.#wishes[source] += 1
    for (const track of this.#tracks.values()) track.stop()
    this.#tracks.clear()
  }

  /** @returns what the platform gives; `undefined` when it gives nothing, which is shown, or it is no longer wished. */
  async #ask(
    source: DeviceSource | 'screen',
    get: (platform: MediaDevices) => Promise<MediaStream>,
  ): Promise<MediaStreamTrack[] | undefined> {
    const wish = (this.#wishes[source] += 1)
    const before = this.#tracks.get(source)
    const objection = this.#sink.objectionTo?.(source)
    const refused = this.#platform === undefined ? 'insecure' : before === undefined ? objection : undefined
    if (this.#platform === undefined || refused !== undefined) {
      this.#show(source, { status: 'failed', reason: refused ?? 'failed' })
      return undefined
    }
    if (before === undefined) this.#show(source, { status: 'starting' })
    try {
      const tracks = (await get(this.#platform)).getTracks()
      if (this.#wishes[source] === wish) return tracks
      for (const track of tracks) track.stop()
    } catch (error) {
      const wanted = this.#wishes[source] === wish
      if (wanted && before === undefined) this.#show(source, { status: 'failed', reason: mediaFailureOf(error) })
    }
    return undefined
  }

  async #use(source: Source, track: MediaStreamTrack | undefined): Promise<void> {
    const stream = source === 'screen' || source === 'screenAudio' ? this.#screenStream : this.#stream
    const before = this.#tracks.get(source)
    if (before !== undefined) {
      before.stop()
      stream.removeTrack(before)
    }
    if (track === undefined) {
      this.#tracks.delete(source)
      this.#show(source, { status: 'off' })
    } else {
      const muted = source === 'microphone' && before?.enabled === false
      track.enabled = !muted
      // Text is to stay sharp, whatever becomes of the frame rate.
      if (source === 'screen') track.contentHint = 'detail'
      this.#tracks.set(source, track)
      stream.addTrack(track)
      track.addEventListener('ended', () => this.#ended(source, track))
      this.#show(source, { status: 'on', deviceId: track.getSettings().deviceId, muted })
    }
    await this.#sink.setMedia(source, this.#media())
  }

  /** The platform took the device away; stopping a track ourselves fires no event. */
  #ended(source: Source, track: MediaStreamTrack): void {
    if (this.#tracks.get(source) !== track) return
    // Browsers have a button of their own for that.
    if (source === 'screen') return void this.turnOff('screen')
    const ended = this.#use(source, undefined)
    if (source !== 'screenAudio') void ended.then(() => this.#show(source, { status: 'failed', reason: 'ended' }))
  }

  #media(): LocalMedia {
    return { stream: this.#stream, screenStream: this.#screenStream, tracks: new Map(this.#tracks) }
  }

  async #listDevices(): Promise<void> {
    const all = (await this.#platform?.enumerateDevices().catch(() => [])) ?? []
    const of = (source: DeviceSource): Device[] =>
      all
        .filter((device) => device.kind === kinds[source] && device.deviceId !== '')
        .map((device) => ({ id: device.deviceId, label: device.label }))
    this.#store.set({ ...this.getSnapshot(), devices: { microphone: of('microphone'), camera: of('camera') } })
  }

  #show(source: Source, state: SourceState): void {
    if (source !== 'screenAudio') this.#store.set({ ...this.getSnapshot(), [source]: state })
  }
}

/** Constraints that ask for the settings; without a size, for 720p, which `MediaBudget` makes smaller where it must. */
function describeWishes(settings: CameraSettings): MediaTrackConstraints {
  const { width, height = 720, aspectRatio, frameRate } = settings
  const wishes = { width: width ?? (aspectRatio === undefined ? 1280 : undefined), height, aspectRatio, frameRate }
  const wanted = Object.entries(wishes).filter(([, value]) => value !== undefined)
  return Object.fromEntries(wanted.map(([name, value]) => [name, { ideal: value as number }]))
}
