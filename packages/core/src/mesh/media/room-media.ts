import type { PeerId } from '@patchbay/protocol'
import type { Clock } from '../../transport/index.ts'
import type { Feature, LinkFeature, LinkPort, MessageOf } from '../feature.ts'
import { describeMedia, type LocalMedia, type MediaState, noMedia, type Source } from './local-media.ts'
import type { LimitMedia, MediaLimiter, SendingLink } from './media-budget.ts'
import { MediaSender } from './media-sender.ts'
import type { SendLimits } from './send-budget.ts'

/** What a member sends, as the page shows it. */
export interface PeerMedia {
  /** State of its devices, as it reports it. */
  readonly media: MediaState
  /** The stream named in its `media` message. */
  readonly stream: MediaStream | undefined
  /** The stream of its screen share, likewise. */
  readonly screenStream: MediaStream | undefined
}

/** How long what a member has turned on is shown at least, in milliseconds: on and off without end must not make a page flash. */
const SHOWN_MS = 2_000

const FIELDS = ['microphone', 'camera', 'stream', 'screen', 'screenStream'] as const

const isSame = (one: MediaState, other: MediaState) => FIELDS.every((field) => one[field] === other[field])

/** Whether something that is there in `before` is not in `after`. A microphone that is muted is there. */
const isLess = (after: MediaState, before: MediaState) => !isSame(withShown(after, before), after)

/** `after`, and what is there in `before` and not in it. */
function withShown(after: MediaState, before: MediaState): MediaState {
  return {
    microphone: after.microphone === 'off' ? before.microphone : after.microphone,
    camera: after.camera === 'off' ? before.camera : after.camera,
    stream: before.stream ?? after.stream,
    screen: after.screen === 'off' ? before.screen : after.screen,
    screenStream: before.screenStream ?? after.screenStream,
  }
}

/** Microphones, cameras and screens of a room: what this client sends to everyone, and what it gets from each. */
export class RoomMedia implements Feature<MessageOf<'media'>> {
  readonly name = 'media'
  readonly handles = ['media'] as const
  readonly #links = new Map<PeerId, MediaLink>()
  readonly #limiter: MediaLimiter | undefined
  #local: LocalMedia | undefined

  /** @param limit limits what is sent to each peer; without it the platform decides. */
  constructor(clock: Clock, limit: LimitMedia | undefined) {
    this.#limiter = limit?.(() => [...this.#links.values()], clock)
  }

  /** Number of connected members whose camera is on. */
  get cameras(): number {
    return [...this.#links.values()].filter(({ hasCamera }) => hasCamera).length
  }

  /** Starts or stops sending one source of `media` to everyone, newcomers included. */
  async set(source: Source, media: LocalMedia): Promise<void> {
    this.#local = media
    // What fails on the link to one member changes nothing for the others.
    await Promise.allSettled([...this.#links.values()].map((link) => link.set(source, media)))
    this.#limit()
  }

  /** Tells everyone that a track of `media` was muted or unmuted. */
  announce(media: LocalMedia): void {
    this.#local = media
    for (const link of this.#links.values()) link.announce(media)
  }

  /** What a member sends. */
  of(peer: PeerId): PeerMedia {
    return this.#links.get(peer)?.view ?? { media: noMedia, stream: undefined, screenStream: undefined }
  }

  attach(port: LinkPort): LinkFeature<MessageOf<'media'>> {
    const link = new MediaLink(port, () => {
      if (this.#links.get(port.peer.id) === link) this.#links.delete(port.peer.id)
      this.#limit()
    })
    this.#links.set(port.peer.id, link)
    if (this.#local !== undefined) {
      for (const source of this.#local.tracks.keys()) void link.set(source, this.#local)
      this.#limit()
    }
    return link
  }

  /** Also where a link has ended: whoever still waits for statistics of its connection may wait for ever. */
  #limit(): void {
    this.#limiter?.apply(this.#links.size > 0 && (this.#local?.tracks.size ?? 0) > 0)
  }
}

/** Media to and from one member over one link. */
class MediaLink implements LinkFeature<MessageOf<'media'>>, SendingLink {
  readonly port: LinkPort
  readonly #sender: MediaSender
  readonly #onClosed: () => void
  /** In Firefox, what is under way on a connection never settles once that is closed. */
  readonly #ended: Promise<void>
  #end = () => {}
  #streams: readonly MediaStream[] = []
  #theirs: MediaState = noMedia
  /** Until when all of that is shown. */
  #until = 0
  #stopTimer: (() => void) | undefined
  /** The newest of what this client sends: changing a track takes its time. */
  #local: LocalMedia | undefined
  #ours: MediaState = noMedia

  constructor(port: LinkPort, onClosed: () => void) {
    this.port = port
    this.#sender = new MediaSender(port.connection)
    this.#onClosed = onClosed
    this.#ended = new Promise((resolve) => (this.#end = resolve))
    port.connection.addEventListener('track', ({ streams }) => this.#add(streams))
  }

  get hasCamera(): boolean {
    return this.port.state.phase === 'connected' && this.#theirs.camera === 'on'
  }

  get view(): PeerMedia {
    const find = (wanted: string | null) => this.#streams.find(({ id }) => id === wanted)
    const { stream, screenStream } = this.#theirs
    return { media: this.#theirs, stream: find(stream), screenStream: find(screenStream) }
  }

  /** Starts, changes or stops sending one source, and tells the peer. */
  async set(source: Source, media: LocalMedia): Promise<void> {
    this.#local = media
    if (this.port.peer.capabilities.media) await Promise.race([this.#sender.set(source, media), this.#ended])
    this.announce(this.#local)
  }

  limit(limits: SendLimits): Promise<void> {
    return this.#sender.limit(limits)
  }

  /** Sends the state of the local media to the peer. */
  announce(media: LocalMedia): void {
    this.#local = media
    this.#ours = describeMedia(media)
    this.#tell()
  }

  opened(): void {
    this.#tell()
  }

  #tell(): void {
    this.port.send({ type: 'media', ...this.#ours })
  }

  receive({ type: _, ...media }: MessageOf<'media'>): void {
    this.#show(media)
  }

  #show(media: MediaState): void {
    this.#stopTimer?.()
    const now = this.port.clock.now()
    const isHeld = now < this.#until && isLess(media, this.#theirs)
    const shown = isHeld ? withShown(media, this.#theirs) : media
    if (isLess(this.#theirs, shown)) this.#until = now + SHOWN_MS
    if (isHeld) this.#stopTimer = this.port.clock.after(this.#until - now, () => this.#show(media))
    if (isSame(shown, this.#theirs)) return
    this.#theirs = shown
    this.port.changed()
  }

  closed(): void {
    this.#stopTimer?.()
    this.#end()
    this.#onClosed()
  }

  #add(streams: readonly MediaStream[]): void {
    for (const stream of streams) {
      if (this.#streams.includes(stream)) continue
      this.#streams = [...this.#streams, stream]
      stream.addEventListener('removetrack', () => {
        if (stream.getTracks().length === 0) this.#streams = this.#streams.filter((other) => other !== stream)
        this.port.changed()
      })
    }
    this.port.changed()
  }
}
