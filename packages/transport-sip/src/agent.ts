import type { WebSocketConstructor } from '@patchbay/core/transport'
import { randomToken } from '@patchbay/protocol'
import JsSIP from 'jssip'
import { SipSocket } from './sip-socket.ts'
import { CONTENT_TYPE, type SipLogin } from './wire.ts'

/** An account at the exchange, and how to reach it. */
export interface SipAccount extends SipLogin {
  /** `ws:` or `wss:` URL of the exchange. */
  readonly url: string
  /** By default the runtime's; in Node 20 the one of `ws`. */
  readonly WebSocket?: WebSocketConstructor
}

/** What arrives for an agent. `accept` answers with 200, `reject` with 481. */
export interface Arrival {
  /** User and host of whoever sent it, as the exchange has verified: {@link accountIn} of its address. */
  readonly from: string
  readonly body: string
  readonly accept: () => void
  readonly reject: () => void
}

/** A MESSAGE that JsSIP reports. */
interface IncomingMessage {
  accept(options: object): void
  reject(options: { readonly status_code: number }): void
}
interface Address {
  readonly user: string
  readonly host: string
}
/** Its headers and body. */
interface IncomingRequest {
  readonly from: { readonly uri: Address }
  readonly body: string
}

/** Callbacks of the owner of an agent. */
export interface AgentHandlers {
  /** @param gruu where this very agent can be reached (RFC 5627). */
  registered(gruu: string): void
  refused(error: SipError): void
  disconnected(): void
  arrived(arrival: Arrival): void
}

/** Why the exchange, or whoever it asked, did not do something. */
export class SipError extends Error {
  override readonly name = 'SipError'
  /** Of its answer (RFC 3261 §21); `undefined` where there was none. */
  readonly status: number | undefined
  /** When to try again, in milliseconds, if it says so (RFC 3261 §20.33). */
  readonly retryAfterMs: number | undefined

  constructor(message: string, status?: number, retryAfterMs?: number) {
    super(message)
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** A response that JsSIP reports, as far as it is needed. */
interface Response {
  readonly status_code?: number
  readonly reason_phrase?: string
  getHeader(name: string): string | undefined
}

/** How long a registration lasts, in seconds; it is renewed in time. */
const EXPIRES_S = 120

/** One SIP user agent over WebSocket (RFC 3261, RFC 7118): registers with digest, and sends and receives MESSAGE (RFC 3428). */
export class Agent {
  readonly #ua: JsSIP.UA
  readonly #socket: SipSocket
  readonly #handlers: AgentHandlers
  #isOver = false

  /** @throws {Error} when there is no WebSocket, or an address is malformed. */
  constructor({ url, uri, username, password, WebSocket: given }: SipAccount, handlers: AgentHandlers) {
    const WebSocket = given ?? (globalThis as { readonly WebSocket?: WebSocketConstructor }).WebSocket
    if (WebSocket === undefined)
      throw new Error('This runtime has no WebSocket: pass one, such as that of `ws`, as `WebSocket`.')
    this.#handlers = handlers
    this.#socket = new SipSocket(url, WebSocket)
    const ua = new JsSIP.UA({
      sockets: this.#socket as unknown as JsSIP.Socket,
      uri,
      ...(username !== undefined && { authorization_user: username }),
      password,
      register: true,
      register_expires: EXPIRES_S,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 4,
      user_agent: 'Patchbay',
    })
    this.#ua = ua
    ua.on('registered', () => {
      const gruu = (ua as unknown as { readonly contact: { readonly pub_gruu: string | null } }).contact.pub_gruu
      if (gruu === null) this.#refused(new SipError('The exchange gives no GRUU (RFC 5627).'))
      else if (!this.#isOver) handlers.registered(gruu)
    })
    ua.on('registrationFailed', ({ cause, response }) => {
      const answer = (response as Response | null) ?? undefined
      const why = answer?.reason_phrase ?? String(cause)
      const message = `The exchange refused to register ${uri}: ${why}.`
      this.#refused(new SipError(message, answer?.status_code, retryAfterOf(answer)))
      // A connection on which nothing is answered may be dead without anybody having said so: another one is opened.
      if (cause === JsSIP.C.causes.REQUEST_TIMEOUT) this.#socket.disconnect()
    })
    const transactions = ua as unknown as {
      on(event: 'newTransaction', listener: (event: NewTransaction) => void): void
    }
    transactions.on('newTransaction', ({ transaction }) => distinguish(ua, transaction))
    ua.on('disconnected', () => this.#isOver || handlers.disconnected())
    ua.on('newMessage', (event: { originator: string; message: IncomingMessage; request: IncomingRequest }) => {
      if (event.originator === 'remote') this.#arrived(event.message, event.request)
    })
    ua.start()
  }

  /** Registers again, after it was refused; JsSIP does so by itself when it is connected. */
  register(): void {
    if (this.#ua.isConnected()) this.#ua.register()
  }

  /**
   * Sends a MESSAGE. @throws {SipError} when the answer is not 200, or none comes: with 202 an exchange says that it keeps the message
   * for an agent that is away (RFC 3428 §7).
   */
  send(target: string, body: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: unknown, status?: number) =>
        reject(new SipError(`No MESSAGE to ${target}: ${String(why)}.`, status))
      if (this.#isOver || !this.#ua.isConnected()) return fail('not connected')
      this.#ua.sendMessage(target, body, {
        contentType: CONTENT_TYPE,
        eventHandlers: {
          succeeded(event: unknown) {
            const { status_code: status } = (event as { readonly response: Response }).response
            if (status === 200) resolve()
            else fail('not delivered', status)
          },
          failed: ({ cause, response }) => fail(cause, (response as Response | null)?.status_code),
        },
      })
    })
  }

  /** Goes at once; nothing is heard of it any more. `politely`: unregisters first. */
  stop(politely: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    // Before JsSIP knows that it is over, which then connects no more; afterwards it would connect once again.
    if (!politely) this.#socket.disconnect()
    this.#ua.stop()
  }

  #refused(error: SipError): void {
    if (!this.#isOver) this.#handlers.refused(error)
  }

  #arrived(message: IncomingMessage, request: IncomingRequest): void {
    const { uri } = request.from
    if (this.#isOver) return message.reject({ status_code: 480 })
    this.#handlers.arrived({
      from: accountOf(uri),
      body: request.body,
      accept: () => message.accept({}),
      reject: () => message.reject({ status_code: 481 }),
    })
  }
}

/** A number of seconds, behind which there may be a comment and parameters. */
function retryAfterOf(response: Response | undefined): number | undefined {
  const [seconds] = /^\d+/.exec(response?.getHeader('Retry-After')?.trim() ?? '') ?? []
  return seconds === undefined ? undefined : 1_000 * Number(seconds)
}

/** @returns user and host of an address such as `sip:server@exchange.example:5060`. @throws {Error} for anything else. */
export function accountIn(uri: string): string {
  const address = JsSIP.URI.parse(uri) as unknown as Partial<Address> | undefined
  if (!address?.user || !address.host)
    throw new Error(`"${uri}" is not an address such as sip:server@exchange.example.`)
  return accountOf({ user: address.user, host: address.host })
}

/** Hosts are the same in upper and lower case (RFC 3261 §19.1.4). */
function accountOf({ user, host }: Address): string {
  return `${user}@${host.toLowerCase()}`
}

/** A transaction of JsSIP. */
interface Transaction {
  readonly type: string
  id: string
  readonly request: { getHeader(name: string): string; setHeader(name: string, value: string): void }
}

interface NewTransaction {
  readonly transaction: Transaction
}

/**
 * Gives a client's transaction a branch of its own (RFC 3261 §8.1.1.7). JsSIP draws one of ten million: where many lines share an
 * agent, two under way at once would soon have the same, and one would get the answer of the other.
 */
function distinguish(ua: JsSIP.UA, transaction: Transaction): void {
  if (transaction.type !== 'nict') return
  const { nict } = (ua as unknown as Record<'_transactions', { nict: Record<string, Transaction> }>)['_transactions']
  const branch = `z9hG4bK${randomToken(22)}`
  const via = transaction.request.getHeader('via').replace(`branch=${transaction.id}`, `branch=${branch}`)
  // oxlint-disable-next-line typescript/no-dynamic-delete -- JsSIP's own map.
  delete nict[transaction.id]
  transaction.id = branch
  nict[branch] = transaction
  transaction.request.setHeader('via', via)
}
