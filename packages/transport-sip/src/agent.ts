import type { WebSocketConstructor } from '@patchbay/core/transport'
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

/** What arrives for an agent. `accept` answers with 200 and a body, `reject` with 481. */
export interface Arrival {
  /** User and host of whoever sent it, as the exchange has verified. */
  readonly from: string
  readonly body: string
  readonly accept: (body?: string) => void
  readonly reject: () => void
}

/** A MESSAGE that JsSIP reports. */
interface IncomingMessage {
  accept(options: { readonly body?: string; readonly extraHeaders?: string[] }): void
  reject(options: { readonly status_code: number }): void
}
/** Its headers and body. */
interface IncomingRequest {
  readonly from: { readonly uri: { readonly user: string; readonly host: string } }
  readonly body: string
}

/** Callbacks of the owner of an agent. */
export interface AgentHandlers {
  /** @param gruu where this very agent can be reached (RFC 5627). */
  registered(gruu: string): void
  refused(error: Error): void
  disconnected(): void
  arrived(arrival: Arrival): void
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
      if (gruu === null) this.#refused('The exchange gives no GRUU (RFC 5627).')
      else if (!this.#isOver) handlers.registered(gruu)
    })
    ua.on('registrationFailed', ({ cause, response }) => {
      this.#refused(`The exchange refused to register ${uri}: ${response?.reason_phrase ?? String(cause)}.`)
    })
    ua.on('disconnected', () => this.#isOver || handlers.disconnected())
    ua.on('newMessage', (event: { originator: string; message: IncomingMessage; request: IncomingRequest }) => {
      if (event.originator === 'remote') this.#arrived(event.message, event.request)
    })
    ua.start()
  }

  /** Registers again, after it was refused. */
  register(): void {
    this.#ua.register()
  }

  /** Sends a MESSAGE. @returns the body of its answer. @throws {Error} when the answer is none of 2xx, or none comes. */
  send(target: string, body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: unknown) => reject(new Error(`No MESSAGE to ${target}: ${String(why)}.`))
      if (this.#isOver || !this.#ua.isConnected()) return fail('not connected')
      this.#ua.sendMessage(target, body, {
        contentType: CONTENT_TYPE,
        eventHandlers: {
          succeeded: (event: unknown) =>
            resolve((event as { readonly response?: { readonly body?: string } }).response?.body ?? ''),
          failed: ({ cause }) => fail(cause),
        },
      })
    })
  }

  /** Goes at once; nothing is heard of it any more. `politely`: unregisters first. */
  stop(politely: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#ua.stop()
    if (!politely) this.#socket.disconnect()
  }

  #refused(why: string): void {
    if (!this.#isOver) this.#handlers.refused(new Error(why))
  }

  #arrived(message: IncomingMessage, request: IncomingRequest): void {
    const { uri } = request.from
    if (this.#isOver) return message.reject({ status_code: 480 })
    this.#handlers.arrived({
      from: `${uri.user}@${uri.host}`,
      body: request.body,
      accept: (body) =>
        message.accept(body === undefined ? {} : { body, extraHeaders: [`Content-Type: ${CONTENT_TYPE}`] }),
      reject: () => message.reject({ status_code: 481 }),
    })
  }
}
