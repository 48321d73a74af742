import { type CloseCode, decodeClientMessage, ProtocolError } from '@patchbay/protocol'
import { endLine } from '../session/index.ts'
import type { AcceptedConnection, ConnectionHandlers } from '../transport/index.ts'
import type { Greeting, Participant, ParticipantHost } from './participant.ts'

/** What a line needs from its hub. */
export interface IncomingLineHost extends Pick<ParticipantHost, 'clock' | 'limits'> {
  /** @returns the participant the line now belongs to, or why it is refused. */
  open(greeting: Greeting, line: AcceptedConnection, transport: string): Participant | CloseCode
  /** The line no longer waits for a greeting. */
  greeted(line: IncomingLine): void
  refused(code: CloseCode, transport: string): void
  /** A defect: the affected session is ended, everything else is unaffected. */
  failed(error: unknown): void
}

/** One line of the hub: anonymous until its greeting, then its participant's. Nothing received on it makes it throw. */
export class IncomingLine implements ConnectionHandlers {
  readonly #host: IncomingLineHost
  readonly #line: AcceptedConnection
  readonly #transport: string
  #stopTimer: (() => void) | undefined
  #participant: Participant | undefined

  constructor(host: IncomingLineHost, line: AcceptedConnection, transport: string) {
    this.#host = host
    this.#line = line
    this.#transport = transport
    this.#stopTimer = host.clock.after(host.limits.helloMs, () => this.refuse('hello_timeout'))
  }

  frame(text: string): void {
    const participant = this.#participant
    try {
      if (participant === undefined) return this.#greet(text)
      if (!participant.session.isOn(this.#line)) return
      const message = decodeClientMessage(text)
      // The last word of a line: what follows it is not read.
      if (message.type === 'close') return this.#end()
      participant.receive(message, text.length)
    } catch (error) {
      const code = error instanceof ProtocolError ? error.code : 'internal_error'
      if (code === 'internal_error') this.#host.failed(error)
      if (participant === undefined) this.refuse(code)
      else participant.session.end(code)
    }
  }

  close(): void {
    this.#settle()
    this.#participant?.session.lineEnded(this.#line)
  }

  #end(): void {
    this.#line.close()
    this.close()
  }

  /** Ends the line with a reason. */
  refuse(code: CloseCode, retryAfterMs?: number): void {
    this.#settle()
    this.#host.refused(code, this.#transport)
    endLine(this.#line, { code, retryAfterMs })
  }

  #greet(text: string): void {
    if (this.#stopTimer === undefined) return
    if (text.length > this.#host.limits.helloSize) return this.refuse('too_big')
    const message = decodeClientMessage(text)
    if (message.type !== 'hello' && message.type !== 'resume') return this.refuse('hello_expected')
    const outcome = this.#host.open(message, this.#line, this.#transport)
    if (typeof outcome === 'string') return this.refuse(outcome)
    this.#settle()
    this.#participant = outcome
  }

  /** Stops waiting for a greeting: the line was greeted, refused or closed. */
  #settle(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    this.#host.greeted(this)
  }
}
