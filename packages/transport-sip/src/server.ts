import { type Rate, TokenBucket } from '@patchbay/core/hub'
import {
  type AcceptedConnection,
  atMost,
  type ConnectionHandlers,
  FrameReader,
  LineEnd,
  type Listener,
  MessageQueue,
  type RemoteEnd,
  shownId,
} from '@patchbay/core/transport'
import { Agent, type Arrival, type SipAccount } from './agent.ts'
import { MAX_FRAME_BYTES, NAME, type Packet, partsOf, QUEUE_LIMITS, readPacket, writePacket } from './wire.ts'

/** The server's account at the exchange. */
export interface SipListenerOptions extends SipAccount {
  /** Called before a line is opened. @returns the release to call when it has ended, or `undefined` to refuse it. */
  readonly admit?: () => (() => void) | undefined
  /** Lines that one account may have at once; any number by default, as where all pages share an account. */
  readonly linesPerAccount?: number
  /** Messages of one line, whatever is in them, beyond which it is lost; by default 132 a second, and 528 at once. */
  readonly rate?: Rate
  /** Called when the exchange is gone or refuses the account, once for each reason; the listener goes on trying. */
  readonly onError?: (error: Error) => void
}

/** A listener behind an exchange. */
export interface SipListener extends Listener {
  /** Fulfilled when it is registered for the first time. */
  readonly ready: Promise<void>
}

/** A line on which nothing was heard or acknowledged for this long is asked for a sign of life. */
const SILENCE_MS = 3_000
const LOOK_MS = 500
/** How long goodbyes may take when the listener is closed. */
const LEAVE_MS = 2_000
/** For what a session may say by default. */
const MESSAGE_RATE: Rate = { perSecond: 132, burst: 528 }
/** Between two attempts to register, twice as long each time. An exchange may ask for more. */
const RETRY_MS = { least: 1_000, most: 60_000 }
/** For what an exchange may ask. */
const MAX_RETRY_AFTER_MS = 3_600_000

/** Serves lines as an agent of a SIP exchange: the server is one more account of it. */
export function listenSip(options: SipListenerOptions): SipListener {
  return new SipServer(options)
}

class SipServer implements SipListener {
  readonly name = NAME
  readonly ready: Promise<void>
  readonly #options: SipListenerOptions
  readonly #agent: Agent
  readonly #lines = new Map<string, ServerLine>()
  readonly #watch: ReturnType<typeof setInterval>
  #retry: ReturnType<typeof setTimeout> | undefined
  #retryMs = RETRY_MS.least
  /** What `onError` was told since it was registered. */
  readonly #told = new Set<string>()
  #accept: ((connection: AcceptedConnection) => ConnectionHandlers) | undefined
  #isClosed = false

  constructor(options: SipListenerOptions) {
    this.#options = options
    let isReady = () => {}
    this.ready = new Promise((resolve) => (isReady = resolve))
    this.#agent = new Agent(options, {
      registered: () => {
        this.#retryMs = RETRY_MS.least
        this.#told.clear()
        isReady()
      },
      refused: (error) => {
        this.#tell(error)
        clearTimeout(this.#retry)
        const asked = Math.min(error.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS)
        this.#retry = setTimeout(() => this.#agent.register(), Math.max(this.#retryMs, asked))
        this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS.most)
      },
      disconnected: () => {
        this.#tell(new Error('The exchange is gone.'))
        for (const line of [...this.#lines.values()]) line.lose()
      },
      arrived: (arrival) => this.#arrived(arrival),
    })
    this.#watch = setInterval(() => {
      for (const line of this.#lines.values()) line.watch()
    }, LOOK_MS)
  }

  listen(accept: (connection: AcceptedConnection) => ConnectionHandlers): void {
    this.#accept = accept
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#watch)
    clearTimeout(this.#retry)
    const closed = Promise.all([...this.#lines.values()].map((line) => line.closed()))
    // An exchange that hangs answers no goodbye.
    await atMost(LEAVE_MS, closed)
    this.#agent.stop(true)
  }

  #arrived({ from, body, accept, reject }: Arrival): void {
    const packet = readPacket(body)
    if (packet === undefined) return reject()
    const line = this.#lines.get(packet.k)
    if (line !== undefined) {
      // Only the account that opened a line speaks on it.
      if (line.from !== from) return reject()
      accept()
      return line.take(packet)
    }
    if (packet.o === undefined || this.#isClosed || this.#accept === undefined) return reject()
    // The server sends only to agents of the account that asks.
    if (!isOf(packet.o, from)) return reject()
    if (this.#linesOf(from) >= (this.#options.linesPerAccount ?? Infinity)) return reject()
    const release = (this.#options.admit ?? (() => () => {}))()
    if (release === undefined) return reject()
    const opened = new ServerLine(from, packet.o, packet.k, this.#agent, this.#options.rate ?? MESSAGE_RATE, () => {
      this.#lines.delete(packet.k)
      release()
    })
    this.#lines.set(packet.k, opened)
    accept()
    opened.own(this.#accept(opened))
  }

  #tell(error: Error): void {
    if (this.#told.has(error.message)) return
    this.#told.add(error.message)
    this.#options.onError?.(error)
  }

  #linesOf(account: string): number {
    return [...this.#lines.values()].filter(({ from }) => from === account).length
  }
}

/** The server's end of one line. */
class ServerLine implements AcceptedConnection {
  readonly id: string
  readonly from: string
  readonly remote: RemoteEnd
  readonly #end = new LineEnd()
  readonly #reader = new FrameReader(MAX_FRAME_BYTES)
  readonly #queue: MessageQueue
  readonly #giveUp: () => Promise<unknown>
  readonly #forget: () => void
  readonly #rate: TokenBucket
  #heardAt = performance.now()
  #wake: () => void = () => {}
  readonly #gone: Promise<void> = new Promise((resolve) => (this.#wake = resolve))

  constructor(from: string, gruu: string, key: string, agent: Agent, rate: Rate, forget: () => void) {
    this.#rate = new TokenBucket(rate, performance.now())
    this.from = from
    this.id = shownId(key)
    // The exchange does not tell where its accounts are, and all pages may share one: each line counts by itself.
    this.remote = { address: `sip:${from}/${this.id}`, origin: undefined }
    this.#forget = forget
    this.#giveUp = () => agent.send(gruu, JSON.stringify({ k: key, g: true } satisfies Packet))
    this.#queue = new MessageQueue(QUEUE_LIMITS, {
      post: async (message) => {
        await agent.send(gruu, writePacket(key, message))
        this.#heardAt = performance.now()
      },
      lost: () => this.lose(),
      done: () => this.#over(),
    })
  }

  own(handlers: ConnectionHandlers): void {
    this.#end.own(handlers)
  }

  send(text: string): void {
    if (this.#end.open) this.#queue.send(text)
  }

  close(): void {
    if (this.#end.end('local')) this.#queue.end()
  }

  /** Closes the line. @returns a promise that is fulfilled when the client knows, or is gone. */
  closed(): Promise<void> {
    this.close()
    return this.#gone
  }

  take(packet: Packet): void {
    this.#heardAt = performance.now()
    if (!this.#end.open) return
    if (!this.#rate.tryTake(1, this.#heardAt)) return this.lose()
    if (!this.#reader.read(partsOf(packet), (frame) => this.#end.frame(frame))) return this.lose()
    if (packet.b === true && this.#end.end('remote')) this.#over()
  }

  /** Asks for a sign of life where there was none for a while. */
  watch(): void {
    if (performance.now() - this.#heardAt < SILENCE_MS) return
    this.#queue.ping()
  }

  lose(): void {
    // The client may not know it yet.
    if (this.#end.end('lost')) this.#giveUp().catch(() => {})
    this.#over()
  }

  #over(): void {
    this.#queue.stop()
    this.#forget()
    this.#wake()
  }
}

/** Whether a GRUU is of an account: of its address, or of one that the exchange has made of it with a number. */
function isOf(gruu: string, account: string): boolean {
  if (!/^sip:[^@?]+@[^@?]+$/.test(gruu)) return false
  const [user = '', host = ''] = account.split('@')
  const [address = ''] = gruu.split(';')
  const [ownUser = '', ownHost] = address.replace(/^sip:/, '').split('@')
  const rest = ownUser.startsWith(user) ? ownUser.slice(user.length) : undefined
  return ownHost?.toLowerCase() === host && rest !== undefined && /^(\.\d+)?$/.test(rest)
}
