import { fitsBytes, MAX_FRAME_BYTES, type PeerId, randomToken } from '@patchbay/protocol'
import { isNodeId, type NodeId } from '../engine/index.ts'
import {
  type AcceptedConnection,
  type Clock,
  type Connection,
  type ConnectionHandlers,
  DialError,
  LineEnd,
  type RemoteEnd,
} from '../transport/index.ts'

/** What is told of a line that is passed on to another node. */
export interface TrunkGreeting {
  /** Whose line it is: the other node is asked whether the peer is at home there. */
  readonly peer: PeerId
  /** Name of the line's transport. */
  readonly transport: string
  readonly remote: RemoteEnd
}

/** What trunks need from their node. */
interface TrunkHost {
  readonly clock: Clock
  send(to: NodeId, text: string): void
  /** Whether much waits for a node. */
  isBackedUp(to: NodeId): boolean
  /** @returns what takes a line from another node, or `undefined` to refuse it. */
  accept(greeting: TrunkGreeting): ((connection: AcceptedConnection) => ConnectionHandlers) | undefined
}

/** What the other node says to a line; `silent`: nothing in time. */
type Answer = 'yes' | 'no' | 'silent'

/** How long the other node may take to answer. */
const OPEN_MS = 1_000
/**
 * A line of which more than this was not taken is cut, in UTF-16 code units; each end reports every `TAKEN_EVERY`. While much waits
 * for the other node, a line may only have `BUSY_WAITING` there, so that those who flood are cut and the others are not: what the
 * node's inbox has no room for ends all lines to it.
 */
const MAX_WAITING = 1_048_576
const BUSY_WAITING = 32_768
const TAKEN_EVERY = 16_384
/** What each frame costs the inbox besides its text. */
const FRAME_COST = 16

/**
 * Lines between the nodes of one deployment, over the engine: a transport as any other. What the engine loses ends the lines
 * that it was for. A text is a letter, the line's id, and what belongs to it.
 */
export class Trunks {
  readonly #host: TrunkHost
  readonly #lines = new Map<string, TrunkLine>()
  readonly #opening = new Map<string, (answer: Answer) => void>()

  constructor(host: TrunkHost) {
    this.#host = host
  }

  /** Lines open now. */
  get size(): number {
    return this.#lines.size
  }

  /** @throws {DialError} when that node refuses, or does not answer. @throws the signal's reason when it is aborted. */
  async dial(
    node: NodeId,
    greeting: TrunkGreeting,
    handlers: ConnectionHandlers,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Connection> {
    signal.throwIfAborted()
    const id = randomToken(12)
    const key = `${node}>${id}`
    const line = this.#create(node, id, '>')
    let answer: Answer | undefined
    await new Promise<void>((resolve) => {
      const settle = (given: Answer) => {
        answer ??= given
        stopTimer()
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = () => settle('silent')
      const stopTimer = this.#host.clock.after(OPEN_MS, giveUp)
      signal.addEventListener('abort', giveUp)
      this.#opening.set(key, settle)
      // What comes right behind the answer comes on an open line; one that ends before it was never open (T9).
      line.end.own({
        frame: (text) => handlers.frame(text),
        close: (reason) => (answer === 'yes' ? handlers.close(reason) : giveUp()),
      })
      this.#host.send(node, `o${id}${JSON.stringify(greeting)}`)
    })
    this.#opening.delete(key)
    if (answer === 'yes' && !signal.aborted) return line
    this.#lines.delete(key)
    this.#host.send(node, `c${id}`)
    signal.throwIfAborted()
    const failure = answer === 'no' ? 'refused' : 'unreachable'
    throw new DialError('trunk', `The node ${node} does not take the line.`, { failure })
  }

  /** Takes a text of another node; anything else is ignored. */
  take(from: NodeId, text: string): void {
    const kind = text[0] ?? ''
    const id = text.slice(1, 13)
    const rest = text.slice(13)
    if (kind === 'o') return this.#open(from, id, rest)
    if (kind === 'y' || kind === 'n') return this.#opening.get(`${from}>${id}`)?.(kind === 'y' ? 'yes' : 'no')
    // Letters of the end that has dialed, and of the other one.
    const isOurs = kind === kind.toUpperCase()
    const key = `${from}${isOurs ? '>' : '<'}${id}`
    const line = this.#lines.get(key)
    if (line === undefined) {
      // Frames of a line that is not there: the other end does not know yet.
      if (kind.toLowerCase() === 'f') this.#host.send(from, `${isOurs ? 'g' : 'G'}${id}`)
      return
    }
    switch (kind.toLowerCase()) {
      case 'f':
        return line.take(rest)
      case 'k':
        return line.taken(Number(rest))
      case 'c':
        return line.finish('remote')
      case 'g':
        return line.finish('lost')
    }
  }

  /** Nothing more comes from that node, or something is lost. */
  cut(node: NodeId): void {
    for (const line of [...this.#lines.values()]) if (line.node === node) line.cut()
  }

  nodes(alive: ReadonlySet<NodeId>): void {
    for (const line of [...this.#lines.values()]) if (!alive.has(line.node)) line.finish('lost')
  }

  /** Ends every line in an orderly way. */
  close(): void {
    for (const line of [...this.#lines.values()]) line.close()
  }

  cutAll(): void {
    for (const line of [...this.#lines.values()]) line.cut()
  }

  #open(from: NodeId, id: string, json: string): void {
    const greeting = readGreeting(json)
    const accept = greeting && isNodeId(from) ? this.#host.accept(greeting) : undefined
    if (accept === undefined || greeting === undefined || this.#lines.has(`${from}<${id}`))
      return this.#host.send(from, `n${id}`)
    const line = this.#create(from, id, '<')
    const connection: AcceptedConnection = {
      id,
      remote: greeting.remote,
      send: (text) => line.send(text),
      close: () => line.close(),
    }
    // Accepted first: frames that are sent at once come after it.
    this.#host.send(from, `y${id}`)
    line.end.own(accept(connection))
  }

  #create(node: NodeId, id: string, side: '>' | '<'): TrunkLine {
    const key = `${node}${side}${id}`
    const line = new TrunkLine(
      node,
      id,
      (kind, text) => this.#host.send(node, `${side === '>' ? kind : kind.toUpperCase()}${id}${text}`),
      () => this.#host.isBackedUp(node),
      () => this.#lines.delete(key),
    )
    this.#lines.set(key, line)
    return line
  }
}

/** One end of a line between nodes. */
class TrunkLine implements Connection {
  readonly node: NodeId
  readonly id: string
  readonly end = new LineEnd()
  readonly #say: (kind: 'f' | 'k' | 'c' | 'g', text: string) => void
  readonly #isBackedUp: () => boolean
  readonly #ended: () => void
  #sent = 0
  #takenThere = 0
  #taken = 0
  #reported = 0

  constructor(
    node: NodeId,
    id: string,
    say: (kind: 'f' | 'k' | 'c' | 'g', text: string) => void,
    isBackedUp: () => boolean,
    ended: () => void,
  ) {
    this.node = node
    this.id = id
    this.#say = say
    this.#isBackedUp = isBackedUp
    this.#ended = ended
  }

  send(text: string): void {
    if (!this.end.open) return
    this.#sent += text.length + FRAME_COST
    const waiting = this.#sent - this.#takenThere
    const most = waiting > BUSY_WAITING && this.#isBackedUp() ? BUSY_WAITING : MAX_WAITING
    if (waiting > most || !fitsBytes(text, MAX_FRAME_BYTES)) return this.cut()
    this.#say('f', text)
  }

  close(): void {
    if (!this.end.open) return
    this.#say('c', '')
    this.finish('local')
  }

  take(text: string): void {
    if (!fitsBytes(text, MAX_FRAME_BYTES)) return this.cut()
    this.end.frame(text)
    this.#taken += text.length + FRAME_COST
    if (this.#taken - this.#reported < TAKEN_EVERY) return
    this.#reported = this.#taken
    this.#say('k', String(this.#taken))
  }

  taken(total: number): void {
    if (total > this.#takenThere && total <= this.#sent) this.#takenThere = total
  }

  /** Breaks the line: both ends see `lost`. */
  cut(): void {
    if (this.end.open) this.#say('g', '')
    this.finish('lost')
  }

  finish(reason: 'local' | 'remote' | 'lost'): void {
    this.#ended()
    this.end.end(reason)
  }
}

function readGreeting(json: string): TrunkGreeting | undefined {
  try {
    const { peer, transport, remote } = JSON.parse(json) as Partial<TrunkGreeting>
    if (typeof peer !== 'string' || typeof transport !== 'string' || typeof remote?.address !== 'string')
      return undefined
    const { address, origin } = remote
    return { peer, transport, remote: { address, origin: typeof origin === 'string' ? origin : undefined } }
  } catch {
    return undefined
  }
}
