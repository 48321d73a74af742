import { createStore, type Store } from '../../store.ts'
import { type DeviceKind, type DeviceSource, type LocalMedia, type Source, streamOf } from './local-media.ts'
import { type MediaFailure, mediaFailureOf } from './media-failure.ts'
import { objectionTo } from './send-budget.ts'

/** State of one source. */
export type SourceState =
  | { readonly status: 'off' }
  | { readonly status: 'starting' }
  | { readonly status: 'on'; readonly deviceId: string | undefined; readonly muted: boolean }
  | { readonly status: 'failed'; readonly reason: MediaFailure }

/** A device that the person can choose. */
export interface Device {
  readonly id: string
  /** Empty until permission is granted. */
  readonly label: string
}

/** Preferred camera settings; the camera matches them as closely as it can (W3C Media Capture §4.3.8). */
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
  readonly devices: Readonly<Record<DeviceKind, readonly Device[]>>
  /** There are devices, but the browser does not name them before it has a permission (Media Capture §10.2.1). */
  readonly unnamed: Readonly<Record<DeviceKind, boolean>>
  readonly cameraSettings: CameraSettings
  /** What the microphone and camera send; the same object for as long as the room is open. */
  readonly stream: MediaStream
  /** What the screen share sends; likewise. */
  readonly screenStream: MediaStream
}

/** Receives the media of the devices: a `RoomMedia` or anything compatible. */
export interface MediaSink {
  /** Number of other members whose camera is on. */
  readonly cameras: number
  /** Starts or stops sending one source. */
  set(source: Source, media: LocalMedia): Promise<void>
  /** A track was muted or unmuted. */
  announce(media: LocalMedia): void
}

const kinds = { microphone: 'audioinput', camera: 'videoinput', speaker: 'audiooutput' } as const
/** In place of a room: nobody gets anything. */
const nobody: MediaSink = { cameras: 0, set: async () => {}, announce: () => {} }
/** Maps the kind of a `getDisplayMedia` track to a source. */
const screenSources = { video: 'screen', audio: 'screenAudio' } as const

/**
 * Local media sources: each device is requested when turned on and released when turned off. Nobody gets what is on before
 * there is a sink: until then it is a preview.
 */
export class LocalDevices implements Store<LocalDevicesState> {
  readonly #platform: MediaDevices | undefined
  #sink: MediaSink = nobody
  readonly #stream: MediaStream = new MediaStream()
  readonly #screenStream: MediaStream = new MediaStream()
  readonly #tracks = new Map<Source, MediaStreamTrack>()
  readonly #store
  /** Counts requests, so that the result of an outdated one is discarded. */
  readonly #wishes = { microphone: 0, camera: 0, screen: 0 }
  /** Nothing is turned on between two rooms: nobody would turn it off. */
  #isDisposed = false
  /** Whether the microphone is muted, also while it is being opened. */
  #isMuted = false
  /** Ids of the devices that are used when none is named. */
  readonly #preferred = new Map<DeviceSource, string>()
  readonly #onDeviceChange = () => void this.#listDevices()

  /** @param platform `navigator.mediaDevices`; `undefined` on an insecure origin. */
  constructor(platform: MediaDevices | undefined) {
    this.#platform = platform
    this.#store = createStore<LocalDevicesState>({
      microphone: { status: 'off' },
      camera: { status: 'off' },
      screen: { status: 'off' },
      devices: { microphone: [], camera: [], speaker: [] },
      unnamed: { microphone: false, camera: false, speaker: false },
      cameraSettings: {},
      stream: this.#stream,
      screenStream: this.#screenStream,
    })
    platform?.addEventListener('devicechange', this.#onDeviceChange)
    void this.#listDevices()
  }

  readonly getSnapshot = (): LocalDevicesState => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  /** From now on `sink` gets what is on, and whatever is turned on later. */
  async connect(sink: MediaSink): Promise<void> {
    this.#sink = sink
    // It may have been disposed of, with the room before.
    this.#isDisposed = false
    this.#platform?.addEventListener('devicechange', this.#onDeviceChange)
    void this.#listDevices()
    await Promise.all([...this.#tracks.keys()].map((source) => sink.set(source, this.#media())))
  }

  /** Uses this device, if it is there, when the source is turned on and no device is named. */
  prefer(source: DeviceSource, deviceId: string): void {
    this.#preferred.set(source, deviceId)
  }

  /**
   * Turns a source on, or switches it to another device, which is preferred from then on. The browser may ask for permission
   * first. Where another device cannot be had, the one in use stays, or is opened again: where only one can be open at a time, as
   * on many phones, it is given up for the other.
   */
  async turnOn(source: DeviceSource, deviceId?: string): Promise<void> {
    if (deviceId !== undefined) this.prefer(source, deviceId)
    const preferred = this.#preferred.get(source)
    const device = preferred !== undefined && { deviceId: { [deviceId === undefined ? 'ideal' : 'exact']: preferred } }
    const constraints = { ...(source === 'camera' && describeWishes(this.getSnapshot().cameraSettings)), ...device }
    const kind = source === 'camera' ? 'video' : 'audio'
    const get = (wanted: MediaTrackConstraints) => (platform: MediaDevices) => platform.getUserMedia({ [kind]: wanted })
    const former = this.#tracks.get(source)
    const { status } = this.getSnapshot()[source]
    if (source === 'microphone' && (status === 'off' || status === 'failed')) this.#isMuted = false
    let tracks = await this.#ask(source, get(constraints))
    if (tracks === 'busy') {
      const off = this.turnOff(source)
      const wish = this.#wishes[source]
      this.#show(source, { status: 'starting' })
      await off
      // The person may have turned it off meanwhile, or chosen another.
      if (this.#wishes[source] !== wish) return
      tracks = await this.#ask(source, get(constraints), true)
      const inUse = former?.getSettings().deviceId
      if (this.getSnapshot()[source].status === 'failed' && inUse !== undefined) {
        this.prefer(source, inUse)
        tracks = await this.#ask(source, get({ ...constraints, deviceId: { exact: inUse } }), true)
      }
    }
    if (tracks === 'busy' || tracks?.[0] === undefined) return
    await this.#use(source, tracks[0])
    // Device names become available with the permission.
    void this.#listDevices()
  }

  /** Shares a screen, window or tab that the person chooses, with its audio if the browser supports it. */
  async shareScreen(): Promise<void> {
    const tracks = await this.#ask('screen', (platform) => platform.getDisplayMedia({ video: true, audio: true }))
    if (tracks === undefined || tracks === 'busy') return
    // In parallel: sharing may be stopped at any moment, and that must stop all tracks.
    const uses = tracks.map((track) => this.#use(screenSources[track.kind as keyof typeof screenSources], track))
    if (tracks.every(({ kind }) => kind === 'video')) uses.push(this.#stopScreenAudio())
    await Promise.all(uses)
  }

  /** Turns a source off and releases the device. @param sink as of {@link dispose}. */
  async turnOff(source: DeviceSource | 'screen', sink: MediaSink = this.#sink): Promise<void> {
    if (this.#sink !== sink) return
    this.#wishes[source] += 1
    // Together: the sound of a screen ends whatever becomes of its picture.
    await Promise.all([this.#use(source, undefined), source === 'screen' && this.#stopScreenAudio()])
  }

  /** Mutes or unmutes the microphone without releasing it; one that is being opened is muted when it is on. */
  setMuted(muted: boolean): void {
    this.#isMuted = muted
    const track = this.#tracks.get('microphone')
    if (track === undefined) return
    track.enabled = !muted
    this.#show('microphone', { status: 'on', deviceId: track.getSettings().deviceId, muted })
    this.#sink.announce(this.#media())
  }

  /**
   * Changes the preferred camera settings, now and for whenever the camera is turned on.
   * @returns the resulting settings; `undefined` while the camera is off.
   * @throws {OverconstrainedError} when the camera cannot satisfy them.
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

  /**
   * Releases everything. Nothing can be turned on from then on, until it is connected again.
   * @param sink does nothing unless that is the one that is connected: devices that another room has taken over are that room's.
   */
  dispose(sink: MediaSink = this.#sink): void {
    if (this.#sink !== sink) return
    this.#isDisposed = true
    this.#platform?.removeEventListener('devicechange', this.#onDeviceChange)
    for (const source of ['microphone', 'camera', 'screen'] as const) {
      this.#wishes[source] += 1
      // Also where it is still being opened: what comes of that is discarded.
      this.#show(source, { status: 'off' })
    }
    for (const [source, track] of this.#tracks) {
      track.stop()
      streamOf(source, this.getSnapshot()).removeTrack(track)
    }
    this.#tracks.clear()
  }

  /**
   * @returns the tracks; `undefined` when the request failed, which sets the state, or became outdated; `busy` when the device in use may be in the way. @param isAgain it was on before.
   */
  async #ask(
    source: DeviceSource | 'screen',
    get: (platform: MediaDevices) => Promise<MediaStream>,
    isAgain = this.#tracks.has(source),
  ): Promise<MediaStreamTrack[] | 'busy' | undefined> {
    const wish = (this.#wishes[source] += 1)
    const before = this.#tracks.get(source)
    const objection = this.#isDisposed ? 'failed' : isAgain ? undefined : objectionTo(source, this.#sink.cameras)
    const refused = this.#platform === undefined ? 'insecure' : objection
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
      const reason = mediaFailureOf(error)
      if (this.#wishes[source] !== wish) return undefined
      if (before === undefined) this.#show(source, { status: 'failed', reason })
      else if (reason === 'busy') return reason
    }
    return undefined
  }

  async #stopScreenAudio(): Promise<void> {
    if (this.#tracks.has('screenAudio')) await this.#use('screenAudio', undefined)
  }

  async #use(source: Source, track: MediaStreamTrack | undefined): Promise<void> {
    const stream = streamOf(source, this.getSnapshot())
    const before = this.#tracks.get(source)
    if (before !== undefined) {
      before.stop()
      stream.removeTrack(before)
    }
    if (track === undefined) {
      this.#tracks.delete(source)
      this.#show(source, { status: 'off' })
    } else {
      const muted = source === 'microphone' && this.#isMuted
      track.enabled = !muted
      // Keeps text sharp at the cost of the frame rate.
      if (source === 'screen') track.contentHint = 'detail'
      this.#tracks.set(source, track)
      stream.addTrack(track)
      track.addEventListener('ended', () => this.#ended(source, track))
      this.#show(source, { status: 'on', deviceId: track.getSettings().deviceId, muted })
    }
    await this.#sink.set(source, this.#media())
  }

  /** The platform ended the track; stopping a track ourselves fires no event. */
  #ended(source: Source, track: MediaStreamTrack): void {
    if (this.#tracks.get(source) !== track) return
    // Browsers have their own button to stop sharing, so this is not a failure.
    if (source === 'screen') return void this.turnOff('screen')
    const ended = this.#use(source, undefined)
    if (source === 'screenAudio') return
    // It may have been turned on again by then.
    void ended.then(() => this.#tracks.has(source) || this.#show(source, { status: 'failed', reason: 'ended' }))
  }

  #media(): LocalMedia {
    return { stream: this.#stream, screenStream: this.#screenStream, tracks: new Map(this.#tracks) }
  }

  async #listDevices(): Promise<void> {
    const all = (await this.#platform?.enumerateDevices().catch(() => [])) ?? []
    const of = (kind: DeviceKind): Device[] =>
      all
        .filter((device) => device.kind === kinds[kind] && device.deviceId !== '')
        .map((device) => ({ id: device.deviceId, label: device.label }))
    const isUnnamed = (kind: DeviceKind) => of(kind).length === 0 && all.some((device) => device.kind === kinds[kind])
    const each = <T>(value: (kind: DeviceKind) => T) => ({
      microphone: value('microphone'),
      camera: value('camera'),
      speaker: value('speaker'),
    })
    this.#store.set({ ...this.getSnapshot(), devices: each(of), unnamed: each(isUnnamed) })
  }

  #show(source: Source, state: SourceState): void {
    if (source !== 'screenAudio') this.#store.set({ ...this.getSnapshot(), [source]: state })
  }
}

/** Constraints for the settings; without a size they ask for 720p, which `MediaBudget` scales down where needed. */
function describeWishes(settings: CameraSettings): MediaTrackConstraints {
  const { width, height = 720, aspectRatio, frameRate } = settings
  const wishes = { width: width ?? (aspectRatio === undefined ? 1280 : undefined), height, aspectRatio, frameRate }
  const wanted = Object.entries(wishes).filter(([, value]) => value !== undefined)
  return Object.fromEntries(wanted.map(([name, value]) => [name, { ideal: value as number }]))
}
