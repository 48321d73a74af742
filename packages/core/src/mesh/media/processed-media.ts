import { callSafely } from '../../store.ts'
import type { MediaSink } from './local-devices.ts'
import type { DeviceSource, LocalMedia, Source } from './local-media.ts'

/** What is sent instead of a device's track. */
export interface ProcessedTrack {
  readonly track: MediaStreamTrack
  /** Ends it and releases what makes it; the device's track goes on. */
  stop(): void
}

/** Makes what is sent of a device's track. */
export type TrackProcessor = (track: MediaStreamTrack) => Promise<ProcessedTrack>

/**
 * What is sent of a device whose processor has failed, or was given while the device was sent as it is and is not done: the
 * device's track as it is, or nothing, as if the device were off. A device that is turned on later is not sent, in either case,
 * before its processor has made a track or has failed.
 */
export type Unprocessed = 'sent' | 'withheld'

/** A processor in use on one track of a device, and what it has made, or when it is done. */
interface Processing<T> {
  readonly from: MediaStreamTrack
  readonly by: TrackProcessor
  readonly made: T
}

/** Stands between devices and the room: has tracks processed before they are sent, such as to remove noise. */
export class ProcessedMedia implements MediaSink {
  readonly #sink: MediaSink
  readonly #processors = new Map<DeviceSource, TrackProcessor>()
  readonly #processing = new Map<Source, Processing<ProcessedTrack>>()
  /** What was begun last, until it is done: whoever wants the same waits for it. */
  readonly #begun = new Map<Source, Processing<Promise<void>>>()
  /** Sources of which nothing is sent but what a processor made. */
  readonly #withheld = new Set<Source>()
  /** Tracks of devices that may be sent though their processor has made nothing: it has failed, or came after them. */
  readonly #asIs = new WeakSet<MediaStreamTrack>()
  #given: LocalMedia | undefined

  constructor(sink: MediaSink) {
    this.#sink = sink
  }

  get cameras(): number {
    return this.#sink.cameras
  }

  /** What is sent now, by source. */
  get sent(): LocalMedia['tracks'] {
    return this.#given === undefined ? new Map<Source, MediaStreamTrack>() : this.#media(this.#given).tracks
  }

  /**
   * Has `processor` make what is sent of a source from now on, also when it is turned on later; `undefined` sends the
   * device's track again. Rejects with what the processor rejects with.
   * @param unprocessed what is sent meanwhile of a device that is on, and where the processor fails.
   */
  async process(
    source: DeviceSource,
    processor: TrackProcessor | undefined,
    unprocessed: Unprocessed = 'sent',
  ): Promise<void> {
    const track = this.#given?.tracks.get(source)
    if (track !== undefined && this.sent.get(source) === track) this.#asIs.add(track)
    if (processor === undefined) this.#processors.delete(source)
    else this.#processors.set(source, processor)
    if (processor === undefined || unprocessed === 'sent') this.#withheld.delete(source)
    else this.#withheld.add(source)
    if (track === undefined) return
    try {
      if (this.#withheld.has(source)) await this.#send(source)
      await this.#prepare(source)
    } finally {
      await this.#send(source)
    }
  }

  async set(source: Source, media: LocalMedia): Promise<void> {
    this.#given = media
    // Where the processor fails, whoever turns a device on is to be seen or heard unprocessed; what is withheld `#media`
    // leaves out.
    await this.#prepare(source).catch(() => {})
    await this.#send(source)
  }

  announce(media: LocalMedia): void {
    this.#given = media
    this.#sink.announce(this.#media(media))
  }

  /** Stops all processing. */
  dispose(): void {
    this.#processors.clear()
    for (const { made } of this.#processing.values()) callSafely(() => made.stop())
    this.#processing.clear()
  }

  async #send(source: Source): Promise<void> {
    if (this.#given !== undefined) await this.#sink.set(source, this.#media(this.#given))
  }

  async #prepare(source: Source): Promise<void> {
    const track = this.#given?.tracks.get(source)
    const by = this.#processors.get(source as DeviceSource)
    const current = this.#processing.get(source)
    if (current?.from === track && current?.by === by) return
    this.#processing.delete(source)
    callSafely(() => current?.made.stop())
    if (track === undefined || by === undefined) return
    const begun = this.#begun.get(source)
    if (begun?.from === track && begun.by === by) return begun.made
    const one = { from: track, by, made: this.#make(source, track, by) }
    this.#begun.set(source, one)
    try {
      await one.made
    } finally {
      if (this.#begun.get(source) === one) this.#begun.delete(source)
    }
  }

  async #make(source: Source, from: MediaStreamTrack, by: TrackProcessor): Promise<void> {
    try {
      const made = await by(from)
      // Meanwhile the device or the processor may have changed, or another call may have made the same.
      const isWanted = this.#given?.tracks.get(source) === from && this.#processors.get(source as DeviceSource) === by
      if (isWanted && !this.#processing.has(source)) this.#processing.set(source, { from, by, made })
      else callSafely(() => made.stop())
    } catch (error) {
      if (this.#processors.get(source as DeviceSource) === by) this.#asIs.add(from)
      throw error
    }
  }

  /** The media with processed tracks in place of those of the devices, as muted as these, and without what is not to be sent as it is. */
  #media(given: LocalMedia): LocalMedia {
    const tracks = new Map<Source, MediaStreamTrack>()
    for (const [source, track] of given.tracks) {
      const { from, made } = this.#processing.get(source) ?? {}
      const isSentAsIs = !this.#processors.has(source as DeviceSource) || this.#asIs.has(track)
      if (made !== undefined && from === track) {
        made.track.enabled = track.enabled
        tracks.set(source, made.track)
      } else if (isSentAsIs && !this.#withheld.has(source)) tracks.set(source, track)
    }
    return { ...given, tracks }
  }
}
