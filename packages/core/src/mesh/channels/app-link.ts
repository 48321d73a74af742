import { type AppFrame, decodeAppFrame, encodeAppFrame, type PeerId, type RequestFailure } from '@patchbay/protocol'
import type { LinkFeature, LinkPort } from '../feature.ts'
import { ChannelError } from './channel-error.ts'

/** How the messages of a channel arrive. */
export type Delivery =
  /** Each, in order, while the connection lasts. */
  | 'ordered'
  /** Only the newest matters: nothing is sent twice, and what waits is replaced by what is newer. */
  | 'latest'

/** Numbers of the data channels, the same at both ends. */
const IDS = { ordered: 2, latest: 3 }
/** Bytes queued for one peer, after which a channel is not ready. */
const MAX_QUEUED_BYTES = { ordered: 1_048_576, latest: 65_536 }
/** Frames and bytes accepted from a peer per heartbeat. More on an ordered channel is a flood; on the other it is dropped. */
const MAX_FRAMES = 1_000
const MAX_BYTES = 8_388_608
/** Requests under way in one direction. */
const MAX_REQUESTS = 64

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: ChannelError) => void
}

/** The application channels of one link: two data channels, whatever the number of names. */
export class AppLink implements LinkFeature<never> {
  readonly #port: LinkPort
  readonly #pipes: Readonly<Record<Delivery, RTCDataChannel>>
  /** The newest frame of each name that waits for the `latest` channel. */
  readonly #newest = new Map<string, Uint8Array<ArrayBuffer>>()
  readonly #asked = new Map<number, Waiting>()
  readonly #answering = new Map<number, AbortController>()
  readonly #room: AppLinkHandlers
  #requests = 0
  #frames = 0
  #bytes = 0

  constructor(port: LinkPort, room: AppLinkHandlers) {
    this.#port = port
    this.#room = room
    this.#pipes = {
      ordered: port.connection.createDataChannel('app', { negotiated: true, id: IDS.ordered }),
      latest: port.connection.createDataChannel('app-latest', {
        negotiated: true,
        id: IDS.latest,
        ordered: false,
        maxRetransmits: 0,
      }),
    }
    for (const [delivery, pipe] of Object.entries(this.#pipes)) {
      pipe.binaryType = 'arraybuffer'
      pipe.addEventListener('message', ({ data }: MessageEvent<unknown>) => this.#arrived(delivery as Delivery, data))
      pipe.addEventListener('bufferedamountlow', () => {
        if (delivery === 'latest') this.#flush()
        room.drained()
      })
    }
  }

  get peer(): PeerId {
    return this.#port.peer.id
  }

  /** Whether the other end has application channels, and they are open. */
  get isOpen(): boolean {
    return this.#port.has('channels') && this.#pipes.ordered.readyState === 'open' && this.#port.isOpen
  }

  /** Whether more can be sent now. A `latest` channel always can. */
  isReady(delivery: Delivery): boolean {
    return delivery === 'latest' || this.#pipes.ordered.bufferedAmount < MAX_QUEUED_BYTES.ordered
  }

  send(delivery: Delivery, name: string, frame: Uint8Array<ArrayBuffer>): void {
    if (!this.isOpen) return
    if (delivery === 'ordered') return this.#pipes.ordered.send(frame)
    this.#newest.delete(name)
    this.#newest.set(name, frame)
    this.#flush()
  }

  /**
   * Sends a request. @param frame makes its frame, from its number.
   * @returns the answer, as it came.
   */
  ask(
    channel: string,
    frame: (id: number) => Uint8Array<ArrayBuffer>,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
  ): Promise<unknown> {
    signal?.throwIfAborted()
    if (!this.isOpen) throw new ChannelError('unsupported')
    if (this.#asked.size >= MAX_REQUESTS || !this.isReady('ordered')) throw new ChannelError('busy')
    const id = (this.#requests += 1)
    const { promise, resolve, reject } = withResolvers()
    const abandon = (reason: unknown) => {
      if (this.isOpen) this.#pipes.ordered.send(encodeAppFrame({ kind: 'cancel', channel, id }))
      reject(reason)
    }
    const stopTimer = this.#port.clock.after(timeoutMs, () => abandon(new ChannelError('timeout')))
    const onAbort = () => abandon(signal?.reason)
    signal?.addEventListener('abort', onAbort)
    this.#asked.set(id, { resolve, reject })
    this.#pipes.ordered.send(frame(id))
    return promise.finally(() => {
      stopTimer()
      signal?.removeEventListener('abort', onAbort)
      this.#asked.delete(id)
    })
  }

  beat(): void {
    this.#frames = 0
    this.#bytes = 0
    this.#flush()
  }

  introduced(): void {
    this.#room.drained()
  }

  closed(): void {
    for (const waiting of this.#asked.values()) waiting.reject(new ChannelError('gone'))
    for (const abort of this.#answering.values()) abort.abort()
    this.#room.closed(this)
  }

  #flush(): void {
    for (const [name, frame] of this.#newest) {
      if (!this.isOpen || this.#pipes.latest.bufferedAmount >= MAX_QUEUED_BYTES.latest) return
      this.#newest.delete(name)
      this.#pipes.latest.send(frame)
    }
  }

  #arrived(delivery: Delivery, data: unknown): void {
    if (this.#port.state.phase === 'closed') return
    if (!(data instanceof ArrayBuffer)) return this.#port.cut()
    this.#frames += 1
    this.#bytes += data.byteLength
    if (this.#frames > MAX_FRAMES || this.#bytes > MAX_BYTES)
      return delivery === 'ordered' ? this.#port.cut() : undefined
    const frame = decodeAppFrame(data)
    if (frame !== undefined) this.#take(frame)
  }

  #take({ header, value }: AppFrame): void {
    switch (header.kind) {
      case 'message':
        return this.#room.message(this.peer, header.channel, value)
      case 'request':
        return void this.#answer(header.channel, header.id, value)
      case 'response':
        return this.#asked.get(header.id)?.resolve(value)
      case 'failure':
        return this.#asked.get(header.id)?.reject(new ChannelError(header.code))
      case 'cancel':
        return this.#answering.get(header.id)?.abort()
    }
  }

  async #answer(channel: string, id: number, value: unknown): Promise<void> {
    const fail = (code: RequestFailure) => this.#reply(encodeAppFrame({ kind: 'failure', channel, id, code }))
    if (this.#answering.size >= MAX_REQUESTS || this.#answering.has(id)) return fail('busy')
    const abort = new AbortController()
    this.#answering.set(id, abort)
    try {
      const payload = await this.#room.request(this.peer, channel, value, abort.signal)
      if (abort.signal.aborted) return
      if (typeof payload === 'string') fail(payload)
      else this.#reply(encodeAppFrame({ kind: 'response', channel, id, bytes: payload.bytes }, payload.payload))
    } finally {
      this.#answering.delete(id)
    }
  }

  #reply(frame: Uint8Array<ArrayBuffer>): void {
    if (this.isOpen) this.#pipes.ordered.send(frame)
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
