import { type CloseCode, decodeClientMessage, type PeerId, type PeerSecret, ProtocolError } from '@patchbay/protocol'
import { endLine } from '../session/index.ts'
import type { NodeId } from '../engine/index.ts'
import type { AcceptedConnection, CloseReason, ConnectionHandlers } from '../transport/index.ts'
import type { Grant } from './authority.ts'
import type { Greeting, Participant, ParticipantHost } from './participant.ts'
import { SessionRate } from './session-rate.ts'

/** A greeting, the peer whose secret is in it, and when it came. */
export interface Arrival {
  readonly greeting: Greeting
  readonly peer: PeerId
  readonly at: number
}

/** What a line needs from its hub. */
export interface IncomingLineHost extends Pick<ParticipantHost, 'clock' | 'limits' | 'counters'> {
  peerIdOf(secret: PeerSecret): PeerId
  /** @returns what whoever arrives may do, or why it is refused. Never rejects. */
  judge(arrival: Arrival, line: AcceptedConnection, transport: string): Verdict | Promise<Verdict>
  /** @returns the other node where whoever arrives is at home, unless it is `former`; `undefined` when that is here. Never rejects. */
  homeOf(arrival: Arrival, former?: NodeId): NodeId | undefined | Promise<NodeId | undefined>
  /** @returns handlers that pass the line on to another node; or that it denies to be the home, or cannot be asked. Never rejects. */
  passOn(
    node: NodeId,
    arrival: Arrival,
    line: AcceptedConnection,
    transport: string,
    signal: AbortSignal,
  ): Promise<ConnectionHandlers | 'denied' | 'unreachable'>
  /** @returns the participant the line now belongs to, or why it is refused. */
  open(arrival: Arrival, grant: Grant, line: AcceptedConnection, transport: string): Participant | CloseCode
  /** One more, or less, who has greeted and is not in yet: the peer is kept at home here meanwhile. */
  arriving(peer: PeerId, change: 1 | -1): void
  /** The line is another node's, or is not any more. */
  passedOn(line: IncomingLine, isSo: boolean): void
  /** The line no longer waits for a greeting. */
  greeted(line: IncomingLine): void
  refused(code: CloseCode, transport: string): void
  /** A defect: the affected session is ended, everything else is unaffected. */
  failed(error: unknown): void
}

type Verdict = Grant | CloseCode

/** What may come while a greeting is judged: the joins of a client, which do not wait for the welcome. */
const MAX_EARLY = { frames: 64, size: 65_536 }
/** Nodes that are asked, one after another, whether they are the home of whoever greets. */
const MAX_HOMES = 4

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
  #isOpen = true
  /** Passes everything on to another node. */
  #elsewhere: ConnectionHandlers | undefined
  /** What may be passed on: as much as the session there takes, since all lines to that node share its inbox. */
  #rate: SessionRate | undefined
  /** Another node has passed this line on: it belongs here. */
  readonly #isPassedOn: boolean
  /** Stops asking other nodes. */
  #stop: AbortController | undefined

  constructor(host: IncomingLineHost, line: AcceptedConnection, transport: string, isPassedOn = false) {
    this.#isPassedOn = isPassedOn
    if (!isPassedOn) host.counters.lineOpened(transport)
    this.#host = host
    this.#line = line
    this.#transport = transport
    this.#stopTimer = host.clock.after(host.limits.helloMs, () => this.refuse('hello_timeout'))
  }

  frame(text: string): void {
    const participant = this.#participant
    if (this.#elsewhere !== undefined) return this.#forward(this.#elsewhere, text)
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

  close(reason: CloseReason = 'remote'): void {
    if (this.#isOpen && !this.#isPassedOn) this.#host.counters.lineClosed(this.#transport)
    this.#isOpen = false
    this.#settle()
    if (this.#elsewhere !== undefined) this.#host.passedOn(this, false)
    this.#elsewhere?.close(reason)
    this.#participant?.session.lineEnded(this.#line)
  }

  #end(): void {
    this.#line.close()
    this.close()
  }

  /** Ends the line with a reason. */
  refuse(code: CloseCode, retryAfterMs?: number): void {
    this.#settle()
    this.#elsewhere?.close('remote')
    this.#host.refused(code, this.#transport)
    endLine(this.#line, { code, retryAfterMs })
  }

  #greet(text: string): void {
    if (this.#isOver) return
    if (text.length > this.#host.limits.helloSize) return this.refuse('too_big')
    const message = decodeClientMessage(text)
    if (message.type !== 'hello' && message.type !== 'resume') return this.refuse('hello_expected')
    const arrival = { greeting: message, peer: this.#host.peerIdOf(message.secret), at: this.#host.clock.now() }
    const home = this.#isPassedOn ? undefined : this.#host.homeOf(arrival)
    const verdict = home === undefined ? this.#host.judge(arrival, this.#line, this.#transport) : undefined
    if (verdict !== undefined && !(verdict instanceof Promise)) return this.#admit(arrival, verdict)
    this.#stopTimer?.()
    this.#early = []
    void this.#arriving(
      arrival.peer,
      verdict === undefined ? this.#seek(arrival, text, home) : this.#judged(arrival, verdict),
    )
  }

  #forward(there: ConnectionHandlers, text: string): void {
    const now = this.#host.clock.now()
    this.#rate ??= new SessionRate(this.#host.limits, now)
    if (this.#rate.take(text.length, now)) there.frame(text)
    else this.refuse('rate_limited', 1_000)
  }

  #keep(text: string): void {
    this.#early?.push(text)
    this.#earlySize += text.length
    if ((this.#early?.length ?? 0) <= MAX_EARLY.frames && this.#earlySize <= MAX_EARLY.size) return
    this.refuse('rate_limited', 1_000)
  }

  /** Whoever greets is kept at home here until that is done. */
  async #arriving(peer: PeerId, work: Promise<void>): Promise<void> {
    this.#host.arriving(peer, 1)
    await work.finally(() => this.#host.arriving(peer, -1))
  }

  /** Passes the line on to the node where whoever greets is at home, or takes it in here. */
  async #seek(arrival: Arrival, text: string, first: NodeId | undefined | Promise<NodeId | undefined>): Promise<void> {
    let home = await first
    for (let asked = 0; home !== undefined && !this.#isOver; asked += 1) {
      this.#stop ??= new AbortController()
      const there = await this.#host.passOn(home, arrival, this.#line, this.#transport, this.#stop.signal)
      if (typeof there !== 'string') return this.#passOn(there, text)
      if (this.#isOver) return
      // Whoever cannot be asked may have the session: the client tries again.
      if (there === 'unreachable' || asked + 1 >= MAX_HOMES) return this.refuse('overloaded', 500)
      home = await this.#host.homeOf(arrival, home)
    }
    if (this.#isOver) return
    await this.#judged(arrival, this.#host.judge(arrival, this.#line, this.#transport))
  }

  #passOn(there: ConnectionHandlers, text: string): void {
    if (this.#isOver) return there.close('remote')
    const early = this.#early ?? []
    this.#settle()
    this.#elsewhere = there
    this.#host.passedOn(this, true)
    for (const one of [text, ...early]) there.frame(one)
  }

  /** The line may be closed or refused by now, and everything else may be different. */
  async #judged(arrival: Arrival, judging: Verdict | Promise<Verdict>): Promise<void> {
    const verdict = await judging
    const early = this.#early ?? []
    this.#early = undefined
    if (this.#isOver) return
    try {
      this.#admit(arrival, verdict)
    } catch (error) {
      this.#host.failed(error)
      return this.refuse('internal_error')
    }
    for (const text of early) this.frame(text)
  }

  #admit(arrival: Arrival, verdict: Verdict): void {
    if (typeof verdict === 'string') return this.refuse(verdict)
    const outcome = this.#host.open(arrival, verdict, this.#line, this.#transport)
    if (typeof outcome === 'string') return this.refuse(outcome)
    const isOpen = this.#isOpen
    this.#settle()
    this.#participant = outcome
    // It broke under what was sent on it.
    if (!isOpen) outcome.session.lineEnded(this.#line)
  }

  /** Stops waiting for a greeting: the line was greeted, refused or closed. */
  #settle(): void {
    this.#isOver = true
    this.#early = undefined
    this.#stop?.abort()
    this.#stopTimer?.()
    this.#stopTimer = undefined
    this.#host.greeted(this)
  }
}
