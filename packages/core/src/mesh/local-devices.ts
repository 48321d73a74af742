import { createStore, type Store } from '../store.ts'
import type { LocalMedia, Source } from './local-media.ts'

/** Why a camera or microphone could not be had. */
export type MediaFailure =
  /** The person, or the browser's settings, said no. */
  | 'denied'
  /** No such device is plugged in. */
  | 'missing'
  /** Another program holds it. */
  | 'busy'
  /** Browsers give devices to pages on https or localhost only. */
  | 'insecure'
  /** The device was unplugged or its permission taken back while it was on. */
  | 'ended'
  | 'failed'

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

/** Local microphone and camera as the page shows them. */
export interface LocalDevicesState {
  readonly microphone: SourceState
  readonly camera: SourceState
  readonly devices: Readonly<Record<Source, readonly Device[]>>
  /** What is sent now; the same object for the life of the room. */
  readonly stream: MediaStream
}

/** What the devices are used for: a {@link Mesh}, or anything of its shape. */
export interface MediaSink {
  setMedia(source: Source, media: LocalMedia): Promise<void>
  announceMedia(media: LocalMedia): void
}

const kinds = { microphone: 'audioinput', camera: 'videoinput' } as const

/** Names the reason in a `getUserMedia` error (W3C Media Capture §10.2.4). */
export function mediaFailureOf(error: unknown): MediaFailure {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing'
    case 'NotReadableError':
    case 'AbortError':
      return 'busy'
    default:
      return 'failed'
  }
}

/** The local camera and microphone: asked for only when turned on, released when turned off. */
export class LocalDevices implements Store<LocalDevicesState> {
  readonly #platform: MediaDevices | undefined
  readonly #sink: MediaSink
  readonly #stream: MediaStream
  readonly #tracks = new Map<Source, MediaStreamTrack>()
  readonly #store
  /** Counts what was asked for, so that an answer to an older wish is let go. */
  readonly #wishes: Record<Source, number> = { microphone: 0, camera: 0 }
  readonly #onDeviceChange = () => void this.#listDevices()

  /** @param platform `navigator.mediaDevices`; `undefined` on an insecure origin. */
  constructor(platform: MediaDevices | undefined, sink: MediaSink) {
    this.#platform = platform
    this.#sink = sink
    this.#stream = new MediaStream()
    this.#store = createStore<LocalDevicesState>({
      microphone: { status: 'off' },
      camera: { status: 'off' },
      devices: { microphone: [], camera: [] },
      stream: this.#stream,
    })
    platform?.addEventListener('devicechange', this.#onDeviceChange)
    void this.#listDevices()
  }

  readonly getSnapshot = (): LocalDevicesState => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /** Turns a source on, or moves it to another device. The browser may ask the person first. */
  async turnOn(source: Source, deviceId?: string): Promise<void> {
    const wish = (this.#wishes[source] += 1)
    const before = this.#tracks.get(source)
    if (before === undefined) this.#show(source, { status: 'starting' })
    if (this.#platform === undefined) return this.#show(source, { status: 'failed', reason: 'insecure' })
    const constraints = deviceId === undefined ? true : { deviceId: { exact: deviceId } }
    let track: MediaStreamTrack | undefined
    try {
      const got = await this.#platform.getUserMedia({ [source === 'camera' ? 'video' : 'audio']: constraints })
      track = got.getTracks()[0]
    } catch (error) {
      const wanted = this.#wishes[source] === wish
      if (wanted && before === undefined) this.#show(source, { status: 'failed', reason: mediaFailureOf(error) })
      return
    }
    if (track === undefined || this.#wishes[source] !== wish) return track?.stop()
    await this.#use(source, track)
    // With the permission come the names of the devices.
    void this.#listDevices()
  }

  /** Turns a source off and lets the device go. */
  async turnOff(source: Source): Promise<void> {
    this.#wishes[source] += 1
    await this.#use(source, undefined)
  }

  /** Mutes the microphone, or unmutes it, without letting it go. */
  setMuted(muted: boolean): void {
    const track = this.#tracks.get('microphone')
    if (track === undefined) return
    track.enabled = !muted
    this.#show('microphone', { status: 'on', deviceId: track.getSettings().deviceId, muted })
    this.#sink.announceMedia(this.#media())
  }

  /** Lets everything go. */
  dispose(): void {
    this.#platform?.removeEventListener('devicechange', this.#onDeviceChange)
    for (const source of ['microphone', 'camera'] as const) this.#wishes[source] += 1
    for (const track of this.#tracks.values()) track.stop()
    this.#tracks.clear()
  }

  async #use(source: Source, track: MediaStreamTrack | undefined): Promise<void> {
    const before = this.#tracks.get(source)
    if (before !== undefined) {
      before.stop()
      this.#stream.removeTrack(before)
    }
    if (track === undefined) {
      this.#tracks.delete(source)
      this.#show(source, { status: 'off' })
    } else {
      const muted = source === 'microphone' && before?.enabled === false
      track.enabled = !muted
      this.#tracks.set(source, track)
      this.#stream.addTrack(track)
      track.addEventListener('ended', () => this.#ended(source, track))
      this.#show(source, { status: 'on', deviceId: track.getSettings().deviceId, muted })
    }
    await this.#sink.setMedia(source, this.#media())
  }

  /** The platform took the device away; stopping a track ourselves fires no event. */
  #ended(source: Source, track: MediaStreamTrack): void {
    if (this.#tracks.get(source) !== track) return
    void this.#use(source, undefined).then(() => this.#show(source, { status: 'failed', reason: 'ended' }))
  }

  #media(): LocalMedia {
    return { stream: this.#stream, tracks: new Map(this.#tracks) }
  }

  async #listDevices(): Promise<void> {
    const all = (await this.#platform?.enumerateDevices().catch(() => [])) ?? []
    const of = (source: Source): Device[] =>
      all
        .filter((device) => device.kind === kinds[source] && device.deviceId !== '')
        .map((device) => ({ id: device.deviceId, label: device.label }))
    this.#store.set({
      ...this.#store.getSnapshot(),
      devices: { microphone: of('microphone'), camera: of('camera') },
    })
  }

  #show(source: Source, state: SourceState): void {
    this.#store.set({ ...this.#store.getSnapshot(), [source]: state })
  }
}
