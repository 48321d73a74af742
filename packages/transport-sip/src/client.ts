import {
  type Connection,
  type ConnectionHandlers,
  type Dialer,
  DialError,
  FrameReader,
  type GetCredentials,
  LineEnd,
  MessageQueue,
  shownId,
} from '@patchbay/core/transport'
import { randomToken } from '@patchbay/protocol'
import { accountIn, Agent, type Arrival, type SipAccount, SipError } from './agent.ts'
import {
  MAX_FRAME_BYTES,
  NAME,
  type Packet,
  partsOf,
  QUEUE_LIMITS,
  readLogin,
  readPacket,
  type SipLogin,
  writePacket,
} from './wire.ts'

/** Where and how to dial. */
export interface SipDialerOptions extends SipAccount {
  /** The signaling server's address at the exchange, such as `sip:server@exchange.example`. */
  readonly server: string
}

/** The same with an account of the person's own, which is asked for in each dial. */
export interface SipPersonOptions extends Omit<SipDialerOptions, keyof SipLogin> {
  /** `askForCredentials` of `@patchbay/core/transport`. */
  readonly credentials: GetCredentials
}

/** How long the goodbye may take after a line was closed. */
const LEAVE_MS = 2_000

/** Dials a Patchbay server that is an agent of the same SIP exchange. Each line is an agent of its own. */
export function dialSip(options: SipDialerOptions | SipPersonOptions): Dialer {
  return {
    name: NAME,
    async dial(handlers, { signal }) {
      const account = 'credentials' in options ? await loginOf(options, signal) : options
      return dialAs(account, handlers, signal)
    },
  }
}

async function loginOf({ credentials, ...where }: SipPersonOptions, signal: AbortSignal): Promise<SipDialerOptions> {
  const login = readLogin(await credentials({ signal }))
  if (login === undefined) throw new DialError(NAME, 'The server gives no SIP account.', { failure: 'unusable' })
  return { ...where, ...login }
}

function dialAs(account: SipDialerOptions, handlers: ConnectionHandlers, signal: AbortSignal): Promise<Connection> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const fail = (cause: unknown) => {
      signal.removeEventListener('abort', abort)
      const why = cause instanceof Error ? ` ${cause.message}` : ''
      const failure = isRefusal(cause) ? ('refused' as const) : ('unreachable' as const)
      reject(new DialError(NAME, `No SIP line by way of ${account.url}.${why}`, { cause, failure }))
    }
    const opened = (one: Connection) => {
      signal.removeEventListener('abort', abort)
      resolve(one)
    }
    let line: SipLine
    try {
      line = new SipLine(account, handlers, opened, fail)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      return reject(new DialError(NAME, `No SIP line can be made: ${why}`, { cause, failure: 'unusable' }))
    }
    const abort = () => {
      reject(signal.reason as Error)
      line.abandon()
    }
    signal.addEventListener('abort', abort, { once: true })
  })
}

/** Whether somebody was there who said no: neither late, nor busy, nor about a server that is not registered. */
function isRefusal(cause: unknown): boolean {
  const status = cause instanceof SipError ? (cause.status ?? 0) : 0
  return status >= 400 && ![404, 408, 480].includes(status) && (status < 500 || status >= 600)
}

class SipLine implements Connection {
  readonly #key = randomToken(43)
  readonly id = shownId(this.#key)
  readonly #agent: Agent
  readonly #server: string
  /** User and host of the server. */
  readonly #serverAccount: string
  readonly #handlers: ConnectionHandlers
  readonly #end = new LineEnd()
  readonly #reader = new FrameReader(MAX_FRAME_BYTES)
  readonly #queue: MessageQueue
  readonly #opened: (line: Connection) => void
  readonly #failed: (cause: unknown) => void
  #isOpen = false
  /** Messages of the server that came before the answer to `open`, or right after it. */
  #early: Packet[] | undefined = []
  #isAsking = false
  #leaveTimer: ReturnType<typeof setTimeout> | undefined

  constructor(
    options: SipDialerOptions,
    handlers: ConnectionHandlers,
    opened: (line: Connection) => void,
    failed: (cause: unknown) => void,
  ) {
    this.#server = options.server
    this.#serverAccount = accountIn(options.server)
    this.#handlers = handlers
    this.#opened = opened
    this.#failed = failed
    this.#queue = new MessageQueue(QUEUE_LIMITS, {
      post: (message) => this.#agent.send(this.#server, writePacket(this.#key, message)),
      lost: (error) => this.#lose(error),
      done: () => this.#leave(),
    })
    this.#agent = new Agent(options, {
      registered: (gruu) => void this.#ask(gruu),
      refused: (error) => this.#lose(error),
      disconnected: () => this.#lose(new Error('The exchange is gone.')),
      arrived: (arrival) => this.#arrived(arrival),
    })
  }

  send(text: string): void {
    if (this.#end.open) this.#queue.send(text)
  }

  close(): void {
    if (!this.#end.end('local')) return
    this.#queue.end()
    this.#leaveTimer = setTimeout(() => this.#leave(), LEAVE_MS)
  }

  /** Cancels the dial attempt. */
  abandon(): void {
    if (!this.#isOpen) this.#lose(undefined)
  }

  async #ask(gruu: string): Promise<void> {
    // Registrations are renewed: the line is asked for once.
    if (this.#isAsking) return
    this.#isAsking = true
    try {
      await this.#agent.send(this.#server, JSON.stringify({ k: this.#key, o: gruu }))
    } catch (error) {
      return this.#lose(error)
    }
    if (!this.#end.open) return
    this.#isOpen = true
    this.#end.own(this.#handlers)
    this.#opened(this)
    // The caller of `dial` has the line before its first frame, however many promises are between.
    setTimeout(() => {
      const early = this.#early ?? []
      this.#early = undefined
      for (const packet of early) this.#take(packet)
    })
  }

  #arrived({ from, body, accept, reject }: Arrival): void {
    const packet = readPacket(body)
    // Only the server speaks on a line, whoever else knows where this agent is.
    if (packet?.k !== this.#key || from !== this.#serverAccount) return reject()
    // Also while the last words of this end are on their way: a refusal would have the server give the line up before them.
    accept()
    if (!this.#end.open) return
    if (this.#early === undefined) this.#take(packet)
    else this.#early.push(packet)
  }

  #take(packet: Packet): void {
    if (packet.g === true) return this.#lose(new Error('The server has given the line up.'))
    if (!this.#reader.read(partsOf(packet), (frame) => this.#end.frame(frame)))
      return this.#lose(new Error('A frame was too large.'))
    if (packet.b !== true || !this.#end.end('remote')) return
    this.#queue.stop()
    this.#agent.stop(true)
  }

  #leave(): void {
    clearTimeout(this.#leaveTimer)
    this.#queue.stop()
    this.#agent.stop(true)
  }

  #lose(cause: unknown): void {
    if (!this.#end.end('lost')) return this.#leave()
    this.#queue.stop()
    if (!this.#isOpen) this.#failed(cause)
    this.#early = undefined
    this.#agent.stop(false)
  }
}
