import { type ErrorCode, errorCodeNames, type PeerId, randomToken, type RoomId } from '@patchbay/protocol'
import { BEAT_MS, type Engine, LEASE_MS, type NodeId, type Seat } from '../engine/index.ts'
import {
  type AcceptedConnection,
  type Clock,
  type Connection,
  type ConnectionHandlers,
  DialError,
} from '../transport/index.ts'
import { SharedRooms } from './shared-rooms.ts'
import { type TrunkGreeting, Trunks } from './trunks.ts'

/** A session of this node, as far as other nodes have to do with it. */
interface Guest {
  takeRelayed(frame: string): boolean
  takeKnock(frame: string): void
  refuse(code: ErrorCode, room: RoomId, to?: PeerId): void
  /** How long nothing has come from the client, in milliseconds. */
  readonly silentMs: number
  /** The peer has a session on another node. Should its client still be here, it comes back and finds that one. */
  endStale(): void
}

/** What a cluster needs from its hub. */
export interface ClusterHost {
  readonly clock: Clock
  readonly engine: Engine
  readonly maxPeers: number
  readonly moveMs: number
  guest(peer: PeerId): Guest | undefined
  /** Whether a peer has a session here, or is about to. */
  isHere(peer: PeerId): boolean
  /** @returns what takes a line that another node passes on; `undefined` when this is not the home of what it is about. */
  accept(greeting: TrunkGreeting): ((line: AcceptedConnection) => ConnectionHandlers) | undefined
  /** The engine has forgotten which peers are at home here, or may have. */
  claimAgain(): void
  /** A frame of another node was in none of the known forms. */
  dropped(): void
}

/** A question that another node has not answered yet. */
interface Question {
  readonly node: NodeId
  readonly done: (answer: string | undefined) => void
}

/** How long another node may take to answer a question. */
const ANSWER_MS = 15_000
/** How often everything is put again. */
const REFRESH_MS = 86_400_000
/** Longest question, in UTF-16 code units: what an engine carries, with room for its header. */
const MAX_QUESTION = 655_000

/** The header of a relayed frame, as the other node's hub has written it. */
const RELAYED = /^\{"type":"(?:offer|answer|ice_candidate|message)","room":"([\w-]{1,64})","from":"([\w-]{22})"\}\n/

/** Somebody knocks, as the other node's hub has written it. */
const KNOCK = /^\{"type":"knock","room":"([\w-]{1,64})","peer":\{"id":"[\w-]{22}","name":"/

/** A hub among others: rooms they share, lines they pass on, and what goes from one to another. */
export class Cluster {
  readonly rooms: SharedRooms
  readonly trunks: Trunks
  /** Answers the questions of other nodes; see {@link ask}. */
  onAsk: ((text: string, from: NodeId) => Promise<string | undefined>) | undefined
  readonly #host: ClusterHost
  readonly #asked = new Map<string, Question>()
  #alive: ReadonlySet<NodeId> = new Set()
  isUp = false
  /** Peers whose home could not be asked for, though everything else goes on. */
  readonly #unclaimed = new Set<PeerId>()
  #stopClaimTimer: (() => void) | undefined
  #stopCutTimer: (() => void) | undefined
  #stopRefreshTimer: (() => void) | undefined

  constructor(host: ClusterHost) {
    this.#host = host
    const { clock, engine, maxPeers: max, moveMs } = host
    this.rooms = new SharedRooms({ clock, engine, max, moveMs, pass: (seat, frame) => this.#pass(seat, frame) })
    this.trunks = new Trunks({
      clock,
      send: (to, text) => engine.send(to, `t${text}`),
      isBackedUp: (to) => engine.isBackedUp(to),
      accept: (greeting) => host.accept(greeting),
    })
  }

  get node(): NodeId {
    return this.#host.engine.node
  }

  /** Fulfilled when the engine can be reached for the first time. */
  start(): Promise<void> {
    this.#refreshLater()
    return this.#host.engine.start({
      frame: (from, frame) => this.#take(from, frame),
      room: (room, delta) => this.rooms.change(room, delta),
      nodes: (alive) => {
        this.#alive = alive
        for (const { node, done } of [...this.#asked.values()]) if (!alive.has(node)) done(undefined)
        this.trunks.nodes(alive)
        this.rooms.nodes(alive)
      },
      health: (state) => {
        this.isUp = state === 'up'
        this.rooms.health(state)
        this.#stopCutTimer?.()
        // By then the others have given this node up, and the lines with it.
        if (state === 'down') this.#stopCutTimer = this.#host.clock.after(LEASE_MS, () => this.trunks.cutAll())
        if (this.isUp) this.#host.claimAgain()
      },
      reset: () => {
        this.trunks.cutAll()
        this.rooms.putAgain()
        this.#host.claimAgain()
      },
      gap: (from) => {
        this.trunks.cut(from)
        this.rooms.readAgain()
      },
    })
  }

  /** What nobody has touched for days is forgotten: rooms and sessions may be older. */
  #refreshLater(): void {
    this.#stopRefreshTimer = this.#host.clock.after(REFRESH_MS, () => {
      this.rooms.putAgain()
      this.#host.claimAgain()
      this.#refreshLater()
    })
  }

  isAlive(node: NodeId): boolean {
    return this.#alive.has(node)
  }

  /** @returns handlers that pass a line on to another node; or that it denies to be the home, or cannot be asked. */
  async passOn(
    node: NodeId,
    greeting: TrunkGreeting,
    line: AcceptedConnection,
    signal: AbortSignal,
  ): Promise<ConnectionHandlers | 'denied' | 'unreachable'> {
    let trunk: Connection
    try {
      trunk = await this.trunks.dial(
        node,
        greeting,
        { frame: (text) => line.send(text), close: (reason) => reason !== 'local' && line.close() },
        { signal },
      )
    } catch (error) {
      const isDenied = !this.isAlive(node) || (error instanceof DialError && error.failure === 'refused')
      return isDenied ? 'denied' : 'unreachable'
    }
    return { frame: (text) => trunk.send(text), close: () => trunk.close() }
  }

  /**
   * The other node where a peer is at home, and `undefined` when it is here: by now, or because nobody can be asked.
   * @param former a node that has denied to be it.
   */
  async homeOf(peer: PeerId, former?: NodeId): Promise<NodeId | undefined> {
    const home = await this.#host.engine.claim(peer, former)
    if (home === undefined) this.#claimLater(peer)
    return home === this.node ? undefined : home
  }

  /**
   * A peer with a session here is at home here. Two nodes may have let it in while nobody could be asked: the one that has heard
   * it last keeps it.
   */
  async claimAgain(peer: PeerId): Promise<void> {
    const { engine } = this.#host
    // It may have gone by then, and its home with it.
    const home = await engine.later(async () => (this.#host.isHere(peer) ? engine.claim(peer) : this.node))
    if (home === undefined && this.#host.isHere(peer)) this.#claimLater(peer)
    const guest = this.#host.guest(peer)
    if (guest !== undefined && home !== undefined && home !== this.node) engine.send(home, `s${peer} ${guest.silentMs}`)
  }

  /** When everything can be reached again, all are claimed. */
  #claimLater(peer: PeerId): void {
    if (!this.isUp) return
    this.#unclaimed.add(peer)
    this.#stopClaimTimer ??= this.#host.clock.after(BEAT_MS, () => {
      this.#stopClaimTimer = undefined
      const peers = [...this.#unclaimed]
      this.#unclaimed.clear()
      for (const one of peers) if (this.#host.isHere(one)) void this.claimAgain(one)
    })
  }

  release(peer: PeerId): void {
    this.#host.engine.release(peer)
  }

  /** Asks another node. @returns `undefined` when it does not answer, or dies. @throws {Error} when too much waits for it. */
  async ask(node: NodeId, text: string): Promise<string | undefined> {
    const { clock, engine } = this.#host
    if (!this.isAlive(node) || text.length > MAX_QUESTION) return undefined
    if (engine.isBackedUp(node)) throw new Error('Too much waits for that node; ask again later.')
    const id = randomToken(12)
    return new Promise((resolve) => {
      const done = (answer: string | undefined) => {
        this.#asked.delete(id)
        stopTimer()
        resolve(answer)
      }
      const stopTimer = clock.after(ANSWER_MS, () => done(undefined))
      this.#asked.set(id, { node, done })
      engine.send(node, `q${id}${text}`)
    })
  }

  async close(): Promise<void> {
    for (const { done } of [...this.#asked.values()]) done(undefined)
    this.#stopClaimTimer?.()
    this.#stopCutTimer?.()
    this.#stopRefreshTimer?.()
    this.trunks.cutAll()
    await this.#host.engine.close()
    this.rooms.close()
  }

  #take(from: NodeId, frame: string): void {
    const rest = frame.slice(1)
    switch (frame[0]) {
      case 't':
        return this.trunks.take(from, rest)
      case 'r':
        return this.#relayed(from, rest)
      case 'x':
        return this.#refused(rest)
      case 's':
        return this.#compare(from, rest.slice(0, 22) as PeerId, Number(rest.slice(23)))
      case 'h':
        return void this.#host.engine.claim(rest as PeerId, from)
      case 'q':
        return void this.#answer(from, rest)
      case 'a':
        return this.#asked.get(rest.slice(0, 12))?.done(rest.slice(12))
      default:
        this.#host.dropped()
    }
  }

  /** Another node has a session of the peer too, which has been silent for so long. */
  #compare(from: NodeId, peer: PeerId, silentMs: number): void {
    const { engine } = this.#host
    const guest = this.#host.guest(peer)
    if (guest !== undefined && guest.silentMs < silentMs) return engine.send(from, `s${peer} ${guest.silentMs}`)
    guest?.endStale()
    engine.send(from, `h${peer}`)
  }

  #pass({ node, info }: Seat, frame: string): boolean {
    const { engine } = this.#host
    if (!this.isUp || engine.isBackedUp(node)) return false
    engine.send(node, `r${info.id}${frame}`)
    return true
  }

  #relayed(from: NodeId, text: string): void {
    const to = text.slice(0, 22) as PeerId
    const frame = text.slice(22)
    const [, knockedAt] = KNOCK.exec(frame) ?? []
    if (knockedAt !== undefined) return this.#knocked(knockedAt as RoomId, to, frame)
    const [, room, sender] = RELAYED.exec(frame) ?? []
    if (room === undefined || sender === undefined) return this.#host.dropped()
    const guest = this.rooms.find(room as RoomId)?.of(to) === undefined ? undefined : this.#host.guest(to)
    const code: ErrorCode | undefined =
      guest === undefined ? 'unknown_peer' : guest.takeRelayed(frame) ? undefined : 'peer_busy'
    if (code !== undefined) this.#host.engine.send(from, `x${JSON.stringify({ code, room, sender, to })}`)
  }

  #knocked(room: RoomId, to: PeerId, frame: string): void {
    if (this.rooms.find(room)?.members.get(to)?.info.host === true) this.#host.guest(to)?.takeKnock(frame)
  }

  #refused(json: string): void {
    try {
      const { code, room, sender, to } = JSON.parse(json) as Record<string, string>
      const known = errorCodeNames.find((name) => name === code)
      if (known === undefined || room === undefined) throw new TypeError('No refusal.')
      this.#host.guest(sender as PeerId)?.refuse(known, room as RoomId, to as PeerId)
    } catch {
      this.#host.dropped()
    }
  }

  async #answer(from: NodeId, text: string): Promise<void> {
    const answer = await this.onAsk?.(text.slice(12), from).catch(() => undefined)
    if (answer !== undefined) this.#host.engine.send(from, `a${text.slice(0, 12)}${answer}`)
  }
}
