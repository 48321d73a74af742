import { type Rate, TokenBucket } from '@patchbay/core/hub'
import {
  type AcceptedConnection,
  type ConnectionHandlers,
  InOrder,
  LineEnd,
  type RemoteEnd,
  systemClock,
  shownId,
} from '@patchbay/core/transport'
import { type Kind, MAX_FRAME_BYTES, MAX_WAITING, readBye, readFrame } from './wire.ts'

/** Sends a message to the client of a line. */
export type Publish = (line: string, kind: Kind, payload: string) => void

/** A client says within this time that it has a grant, in milliseconds; otherwise it may have another server's. */
const STRAY_MS = 2_000

/** Answers to messages of lines that are not there, of all clients. */
const STRANGER_RATE = { perSecond: 100, burst: 1_000 }

/** The server's end of one line. */
class ServerLine implements AcceptedConnection {
  readonly #clientId: string
  readonly id: string
  readonly remote: RemoteEnd
  /** Name of the server. */
  readonly #name: string
  readonly #publish: Publish
  readonly #forget: () => void
  readonly #end = new LineEnd()
  #sent = 0
  readonly #incoming = new InOrder(systemClock, {
    deliver: (text) => this.#end.frame(text),
    lost: () => this.lose(),
  })
  /** UTF-16 code units of frames sent, and how many of them the client has consumed. */
  #sentSize = 0
  #takenSize = 0
  readonly #openedAt = performance.now()
  readonly #rate: TokenBucket | undefined
  #isHeard = false

  constructor(
    clientId: string,
    remote: RemoteEnd,
    name: string,
    rate: Rate | undefined,
    publish: Publish,
    forget: () => void,
  ) {
    this.#rate = rate && new TokenBucket(rate, this.#openedAt)
    this.#clientId = clientId
    this.id = shownId(clientId)
    this.#name = name
    this.remote = remote
    this.#publish = publish
    this.#forget = forget
  }

  own(handlers: ConnectionHandlers): void {
    this.#end.own(handlers)
  }

  send(text: string): void {
    if (!this.#end.open || this.#isStray) return
    if (Buffer.byteLength(text) > MAX_FRAME_BYTES) return this.lose()
    this.#publish(this.#clientId, 'frame', `${this.#sent}:${text}`)
    this.#sent += 1
    this.#sentSize += text.length
    if (this.#sentSize - this.#takenSize > MAX_WAITING) this.lose()
  }

  close(): void {
    if (this.#isStray) return this.lose()
    if (!this.#end.end('local')) return
    this.#incoming.stop()
    this.#publish(this.#clientId, 'bye', String(this.#sent))
    this.#forget()
  }

  /**
   * Whether the client has never said anything here. Where servers share a broker, the grant may have been lost and the request,
   * when it was repeated, have reached another: a frame or a goodbye of this one would be taken for the other's.
   */
  get #isStray(): boolean {
    return this.#name !== '' && !this.#isHeard && performance.now() - this.#openedAt > STRAY_MS
  }

  /** Handles one message from the client. */
  take(kind: Kind, payload: Buffer): void {
    this.#isHeard ||= kind !== 'open'
    if (this.#rate?.tryTake(1, performance.now()) === false) return this.lose()
    switch (kind) {
      case 'frame':
        return this.#frame(payload)
      case 'taken':
        return this.#take(Number(payload.toString()))
      case 'bye':
        return this.#incoming.finish(readBye(payload.toString()), () => {
          if (this.#end.end('remote')) this.#forget()
        })
      case 'gone':
        return this.lose()
      case 'open':
        // It has not heard of the grant.
        return this.#publish(this.#clientId, 'open', this.#name)
    }
  }

  /** Ends the line as lost: the path is broken, or the client misbehaves. */
  lose(): void {
    if (!this.#end.end('lost')) return
    this.#incoming.stop()
    this.#publish(this.#clientId, 'gone', this.#name)
    this.#forget()
  }

  #frame(payload: Buffer): void {
    const frame = readFrame(payload.toString())
    const tooBig = frame === undefined || payload.length - String(frame.n).length - 1 > MAX_FRAME_BYTES
    if (tooBig) return this.lose()
    this.#incoming.take(frame.n, frame.text)
  }

  /** One that comes late says less than what is known. */
  #take(size: number): void {
    if (!(size >= 0 && size <= this.#sentSize)) return this.lose()
    this.#takenSize = Math.max(this.#takenSize, size)
  }
}

/** Lines that are remembered when they are over. */
const MAX_OVER = 1_000

/** All lines of a server, on either kind of broker. */
export class ServerLines {
  readonly #publish: Publish
  readonly #ended: (line: string) => void
  readonly #admit: () => (() => void) | undefined
  readonly #name: string
  readonly #rate: Rate | undefined
  readonly #lines = new Map<string, ServerLine>()
  /** Lines that are over, oldest first: an `open` of theirs is one that the broker delivers late. */
  readonly #over = new Set<string>()
  readonly #strangers = new TokenBucket(STRANGER_RATE, performance.now())
  #accept: ((connection: AcceptedConnection) => ConnectionHandlers) | undefined
  #closed = false

  /**
   * @param ended hears of each line that is over.
   * @param admit asked before a line is opened. @returns the undo to call when it is gone, or `undefined` to refuse it.
   * @param name of this server, where several share a broker.
   * @param rate messages of one line, beyond which it is lost; without it, whoever calls `take` counts them.
   */
  constructor(
    publish: Publish,
    ended: (line: string) => void = () => {},
    admit: () => (() => void) | undefined = () => () => {},
    name = '',
    rate?: Rate,
  ) {
    this.#rate = rate
    this.#name = name
    this.#publish = publish
    this.#ended = ended
    this.#admit = admit
  }

  /** See `Listener.listen`. */
  listen(accept: (connection: AcceptedConnection) => ConnectionHandlers): void {
    this.#accept = accept
  }

  /** Whether a line is open. */
  has(id: string): boolean {
    return this.#lines.has(id)
  }

  /** Handles one message from a client. @param remote the client, as far as it is known. */
  take(id: string, kind: Kind, payload: Buffer, remote: RemoteEnd): void {
    const line = this.#lines.get(id)
    if (line !== undefined) line.take(kind, payload)
    else if (kind === 'open' && !this.#over.has(id) && !this.#closed && this.#accept !== undefined)
      this.#open(id, remote, this.#accept)
    // An unknown line, from before a restart or already ended: tell the client at once.
    else if (kind !== 'bye' && kind !== 'gone' && this.#strangers.tryTake(1, performance.now()))
      this.#publish(id, 'gone', this.#name)
  }

  /** The client of a line has disconnected without a goodbye. */
  lose(id: string): void {
    this.#lines.get(id)?.lose()
  }

  /** The broker is gone, so every line is lost. */
  loseAll(): void {
    for (const line of [...this.#lines.values()]) line.lose()
  }

  /** Ends every line and opens no more. */
  close(): void {
    this.#closed = true
    for (const line of [...this.#lines.values()]) line.close()
  }

  #open(id: string, remote: RemoteEnd, accept: (connection: AcceptedConnection) => ConnectionHandlers): void {
    const release = this.#admit()
    if (release === undefined) return this.#publish(id, 'gone', this.#name)
    const line = new ServerLine(id, remote, this.#name, this.#rate, this.#publish, () => {
      this.#lines.delete(id)
      this.#over.add(id)
      for (const oldest of this.#over) if (this.#over.size > MAX_OVER) this.#over.delete(oldest)
      release()
      this.#ended(id)
    })
    this.#lines.set(id, line)
    this.#publish(id, 'open', this.#name)
    line.own(accept(line))
  }
}
