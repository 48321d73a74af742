import { type AppFrame, decodeAppFrame, encodeAppFrame, type PeerId, type RequestFailure } from '@patchbay/protocol'
import type { TrafficRate } from '../../traffic-budget.ts'
import type { LinkFeature, LinkPort } from '../feature.ts'
import { AppPipe } from './app-pipe.ts'
import { ChannelError } from './channel-error.ts'

/** How the messages of a channel arrive. */
export type Delivery =
  /** Each, in order, while the connection lasts. */
  | 'ordered'
  /** Only the newest matters: nothing is sent twice, and what waits is replaced by what is newer. */
  | 'latest'

/** Numbers of the data channels, the same at both ends. */
const IDS = { ordered: 2, latest: 3 }
/** Bytes queued for one peer, after which nothing more is sent on that channel. */
const MAX_QUEUED_BYTES = { ordered: 1_048_576, latest: 65_536 }
/** What is accepted of one peer on each channel. Beyond it the ordered channel is flooded; on the other it is dropped. */
const INCOMING: TrafficRate = {
  messages: { perSecond: 1_000, burst: 4_000 },
  size: { perSecond: 8_388_608, burst: 16_777_216 },
}
/** Heartbeats that the other end may take to tell what it has. */
const MAX_OPENING_BEATS = 3
/**
 * Heartbeats on a path that works that nothing may leave a full queue, until the peer is given up. Chromium tells what has left
 * in steps of up to 110 KB: a path of 50 kbit/s takes 18 s for one.
 */
const MAX_FULL_BEATS = 20
/** What is kept for a peer whose connection has just opened and that has not told yet what it has. */
const MAX_EARLY = { frames: 64, bytes: 262_144 }
/** How long a `latest` channel waits when it has sent too much. */
const FLUSH_MS = 50
/** Requests under way in one direction. */
const MAX_REQUESTS = 64
/** Handlers that go on with requests whose answers are no longer waited for. */
const MAX_ABANDONED = 256
/** Answers and ends of requests that wait until the path works again. */
const MAX_LATE = 2 * MAX_REQUESTS

interface Waiting {
  readonly channel: string
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

/** The application channels of one link: two data channels, whatever the number of names. */
export class AppLink implements LinkFeature<never> {
  readonly #port: LinkPort
  readonly #pipes: Readonly<Record<Delivery, AppPipe>>
  /** The newest frame of each name that waits for the `latest` channel. */
  readonly #newest = new Map<string, Uint8Array<ArrayBuffer>>()
  /** Ordered frames that wait for the channels to open, and for a path that fails meanwhile. */
  #early: Uint8Array<ArrayBuffer>[] = []
  /** Sends each answer and end of a request that waits for the path. */
  #late: (() => void)[] = []
  #isIntroduced = false
  #openingBeats = 0
  readonly #asked = new Map<number, Waiting>()
  readonly #answering = new Map<number, AbortController>()
  readonly #room: AppLinkHandlers
  #abandoned = 0
  #requests = 0
  #cancelFlush: (() => void) | undefined

  constructor(port: LinkPort, room: AppLinkHandlers) {
    this.#port = port
    this.#room = room
    const open = (delivery: Delivery, label: string, how: RTCDataChannelInit, drained: () => void) => {
      const channel = port.connection.createDataChannel(label, { negotiated: true, id: IDS[delivery], ...how })
      return new AppPipe(channel, MAX_QUEUED_BYTES[delivery], port.clock, {
        opened: () => this.#opened(),
        arrived: (data) => this.#arrived(data, delivery),
        drained,
      })
    }
    this.#pipes = {
      ordered: open('ordered', 'app', {}, () => room.drained()),
      latest: open('latest', 'app-latest', { ordered: false, maxRetransmits: 0 }, () => this.#flush()),
    }
  }

  get peer(): PeerId {
    return this.#port.peer.id
  }

  /** Whether the other end has application channels, and its connection works. */
  get isOpen(): boolean {
    return this.#port.has('channels') && this.#are('open')
  }

  /** The connection has opened a moment ago: what is sent waits until the other end has told that it has channels. */
  get isOpening(): boolean {
    return !this.isOpen && this.#are('open', 'connecting') && (!this.#isIntroduced || this.#port.has('channels'))
  }

  /** Whether a frame of that size can be sent now. A `latest` channel always takes one. */
  isReady(delivery: Delivery, size: number): boolean {
    if (delivery === 'latest') return true
    if (!this.isOpening) return this.#pipes.ordered.hasRoom(size)
    const bytes = this.#early.reduce((sum, frame) => sum + frame.length, size)
    return this.#early.length < MAX_EARLY.frames && bytes <= MAX_EARLY.bytes
  }

  send(delivery: Delivery, name: string, frame: Uint8Array<ArrayBuffer>): void {
    if (delivery === 'ordered' && this.isOpening) return void this.#early.push(frame)
    if (delivery === 'ordered') {
      this.#catchUp()
      return this.#put(frame)
    }
    this.#newest.delete(name)
    this.#newest.set(name, frame)
    this.#flush()
  }

  /**
   * Sends a request. @param encode makes its frame, from its number.
   * @returns the answer, as it came.
   * @throws {ChannelError}
   */
  async ask(
    channel: string,
    encode: (id: number) => Uint8Array<ArrayBuffer>,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
  ): Promise<unknown> {
    signal?.throwIfAborted()
    if (!this.isOpen && !this.isOpening) throw new ChannelError('unsupported')
    const id = this.#requests + 1
    const frame = encode(id)
    if (this.#asked.size >= MAX_REQUESTS || !this.isReady('ordered', frame.length)) throw new ChannelError('busy')
    this.#requests = id
    const { promise, resolve, reject } = withResolvers()
    const abandon = (reason: unknown) => {
      reject(reason)
      this.#whenOpen(() => this.#put(encodeAppFrame({ kind: 'cancel', channel, id })))
    }
    const stopTimer =
      timeoutMs === Infinity ? undefined : this.#port.clock.after(timeoutMs, () => abandon(new ChannelError('timeout')))
    const onAbort = () => abandon(signal?.reason)
    signal?.addEventListener('abort', onAbort)
    this.#asked.set(id, { channel, resolve, reject })
    this.send('ordered', channel, frame)
    try {
      return await promise
    } finally {
      stopTimer?.()
      signal?.removeEventListener('abort', onAbort)
      this.#asked.delete(id)
    }
  }

  beat(): void {
    // One that never tells what it has keeps nobody waiting.
    if (this.isOpening && (this.#openingBeats += 1) > MAX_OPENING_BEATS) this.introduced()
    // Met anew, it would hold up the others again. Nobody waits for the other channel: what is newer takes the place there.
    if (this.#pipes.ordered.fullBeats(this.#port.passes) > MAX_FULL_BEATS) this.#port.cut()
    // The rate allows more than a second ago, or the path works again.
    else if (this.isOpen) {
      this.#catchUp()
      this.#flush()
      this.#room.drained()
    }
  }

  introduced(): void {
    this.#isIntroduced = true
    this.#opened()
  }

  closed(): void {
    this.#cancelFlush?.()
    this.#newest.clear()
    this.#early = []
    this.#late = []
    this.#fail('gone')
    for (const abort of this.#answering.values()) abort.abort()
    this.#room.closed(this)
  }

  /** Whether the path works, and both data channels are in one of these states. */
  #are(...states: RTCDataChannelState[]): boolean {
    return this.#port.passes && Object.values(this.#pipes).every((pipe) => states.includes(pipe.state))
  }

  #fail(code: ChannelError['code']): void {
    for (const waiting of this.#asked.values()) waiting.reject(new ChannelError(code))
  }

  #opened(): void {
    const mayOpen = !this.#isIntroduced || this.#port.has('channels')
    if (this.isOpening || (mayOpen && !this.#port.passes)) return
    this.#catchUp()
    if (this.isOpen) this.#flush()
    else {
      this.#early = []
      this.#newest.clear()
      this.#fail('unsupported')
    }
    this.#room.drained()
  }

  /** Sends what the other end waits for, at once or when the path works again. */
  #whenOpen(send: () => void): void {
    if (!this.isOpen && this.#late.length < MAX_LATE) return void this.#late.push(send)
    // First what it may be about.
    this.#catchUp()
    send()
  }

  /** Sends what has waited for the channels, then what has waited for the path. */
  #catchUp(): void {
    if (this.isOpen) for (const frame of this.#early.splice(0)) this.#put(frame)
    while (this.isOpen && this.isReady('ordered', 0) && this.#late.length > 0) this.#late.shift()?.()
  }

  #flush(): void {
    this.#cancelFlush?.()
    this.#cancelFlush = undefined
    for (const [name, frame] of this.#newest) {
      if (!this.isOpen) return
      if (!this.#pipes.latest.hasRoom(frame.length)) {
        this.#cancelFlush = this.#port.clock.after(FLUSH_MS, () => this.#flush())
        return
      }
      this.#newest.delete(name)
      this.#put(frame, this.#pipes.latest)
    }
  }

  /** A channel that a peer has closed, or whose limits it has made small, does not take what it should. */
  #put(frame: Uint8Array<ArrayBuffer>, pipe: AppPipe = this.#pipes.ordered, isAnswer = false): void {
    if (!this.isOpen) return
    try {
      pipe.send(frame, isAnswer)
    } catch {
      this.#port.giveUp()
    }
  }

  #arrived(data: unknown, delivery: Delivery): void {
    const port = this.#port
    if (port.state.phase === 'closed') return
    if (!(data instanceof ArrayBuffer)) return port.cut()
    if (port.accepts(delivery, INCOMING, data.byteLength)) {
      const frame = decodeAppFrame(data)
      if (frame !== undefined) this.#take(frame)
    } else if (delivery === 'ordered') port.cut()
  }

  #take({ header, value }: AppFrame): void {
    switch (header.kind) {
      case 'message':
        return this.#room.message(this.peer, header.channel, value)
      case 'request':
        return void this.#answer(header.channel, header.id, value)
      case 'cancel':
        return this.#abandon(header.id)
      default: {
        const waiting = this.#asked.get(header.id)
        if (waiting?.channel !== header.channel) return
        return header.kind === 'response' ? waiting.resolve(value) : waiting.reject(new ChannelError(header.code))
      }
    }
  }

  /** A handler that does not settle keeps no place from the requests that follow. */
  #abandon(id: number): void {
    const abort = this.#answering.get(id)
    if (abort === undefined) return
    this.#answering.delete(id)
    this.#abandoned += 1
    abort.abort()
  }

  async #answer(channel: string, id: number, value: unknown): Promise<void> {
    const pipe = this.#pipes.ordered
    // One who asks and does not read what it is told gets no answers.
    if (!pipe.hasRoom(0, true)) return
    const put = (frame: Uint8Array<ArrayBuffer>) => this.#put(frame, pipe, true)
    const fail = (code: RequestFailure) => put(encodeAppFrame({ kind: 'failure', channel, id, code }))
    if (this.#answering.size >= MAX_REQUESTS || this.#answering.has(id) || this.#abandoned >= MAX_ABANDONED)
      return this.#whenOpen(() => fail('busy'))
    const abort = new AbortController()
    this.#answering.set(id, abort)
    const answer = await this.#room.request(this.peer, channel, value, abort.signal)
    const finish = () => {
      if (this.#answering.get(id) === abort) this.#answering.delete(id)
      else this.#abandoned -= 1
      if (abort.signal.aborted || !pipe.hasRoom(0, true)) return
      if (typeof answer === 'string') return fail(answer)
      const header = { kind: 'response', channel, id, bytes: answer.bytes } as const
      put(encodeAppFrame(header, answer.payload))
    }
    if (abort.signal.aborted) finish()
    else this.#whenOpen(finish)
  }
}

/** What application channels do with what arrives on a link. */
export interface AppLinkHandlers {
  message(from: PeerId, channel: string, value: unknown): void
  /** @returns the answer, or why there is none. Never rejects. */
  request(
    from: PeerId,
    channel: string,
    value: unknown,
    signal: AbortSignal,
  ): Promise<{ readonly bytes: boolean; readonly payload: Uint8Array } | RequestFailure>
  /** More can be sent than before. */
  drained(): void
  closed(link: AppLink): void
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers() {
  let resolve: (value: unknown) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<unknown>((...both) => ([resolve, reject] = both))
  return { promise, resolve, reject }
}
