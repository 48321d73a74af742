import { type CloseCode, decodeClientMessage, ProtocolError } from '@patchbay/protocol'
import { endLine } from '../session/index.ts'
import type { AcceptedConnection, ConnectionHandlers } from '../transport/index.ts'
import type { Grant } from './authority.ts'
import type { Greeting, Participant, ParticipantHost } from './participant.ts'

/** What a line needs from its hub. */
export interface IncomingLineHost extends Pick<ParticipantHost, 'clock' | 'limits'> {
  /** @returns what whoever greets may do, or why it is refused. Never rejects. */
  judge(greeting: Greeting, line: AcceptedConnection, transport: string): Verdict | Promise<Verdict>
  /** @returns the participant the line now belongs to, or why it is refused. */
  open(greeting: Greeting, grant: Grant, line: AcceptedConnection, transport: string): Participant | CloseCode
  /** The line no longer waits for a greeting. */
  greeted(line: IncomingLine): void
  refused(code: CloseCode, transport: string): void
  /** A defect: the affected session is ended, everything else is unaffected. */
  failed(error: unknown): void
}

type Verdict = Grant | CloseCode

/** What may come while a greeting is judged: the joins of a client, which do not wait for the welcome. */
const MAX_EARLY = { frames: 64, size: 65_536 }

/** One line of the hub: anonymous until its greeting, then its participant's. Nothing received on it makes it throw. */
export class IncomingLine implements ConnectionHandlers {
  readonly #host: IncomingLineHost
  readonly #line: AcceptedConnection
  readonly #transport: string
  #stopTimer: (() => void) | undefined
  #participant: Participant | undefined
  /** Frames that came while the greeting is judged. */
  #early: string[] | undefined
  #earlySize = 0
  #isOver = false

  constructor(host: IncomingLineHost, line: AcceptedConnection, transport: string) {
    this.#host = host
    this.#line = line
    this.#transport = transport
    this.#stopTimer = host.clock.after(host.limits.helloMs, () => this.refuse('hello_timeout'))
  }

  frame(text: string): void {
    const participant = this.#participant
    if (this.#early !== undefined) return this.#keep(text)
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
    if (this.#isOver) return
    if (text.length > this.#host.limits.helloSize) return this.refuse('too_big')
    const message = decodeClientMessage(text)
    if (message.type !== 'hello' && message.type !== 'resume') return this.refuse('hello_expected')
    const verdict = this.#host.judge(message, this.#line, this.#transport)
    if (!(verdict instanceof Promise)) return this.#admit(message, verdict)
    this.#stopTimer?.()
    this.#early = []
    void verdict.then((late) => this.#judged(message, late))
  }

  #keep(text: string): void {
    this.#early?.push(text)
    this.#earlySize += text.length
    if ((this.#early?.length ?? 0) <= MAX_EARLY.frames && this.#earlySize <= MAX_EARLY.size) return
    this.refuse('rate_limited', 1_000)
  }

  /** The line may be closed or refused by now, and everything else may be different. */
  #judged(greeting: Greeting, verdict: Verdict): void {
    const early = this.#early ?? []
    this.#early = undefined
    if (this.#isOver) return
    try {
      this.#admit(greeting, verdict)
    } catch (error) {
      this.#host.failed(error)
      return this.refuse('internal_error')
    }
    for (const text of early) this.frame(text)
  }

  #admit(greeting: Greeting, verdict: Verdict): void {
    if (typeof verdict === 'string') return this.refuse(verdict)
    const outcome = this.#host.open(greeting, verdict, this.#line, this.#transport)
    if (typeof outcome === 'string') return this.refuse(outcome)
    this.#settle()
    this.#participant = outcome
  }

  /** Stops waiting for a greeting: the line was greeted, refused or closed. */
  #settle(): void {
    this.#isOver = true
    this.#early = undefined
    this.#stopTimer?.()
    this.#stopTimer = undefined
    this.#host.greeted(this)
  }
}
