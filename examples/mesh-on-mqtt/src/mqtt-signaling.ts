import {
  cleanEntry,
  type RoomEntry,
  type RoomEvent,
  type RoomMembership,
  type RoomSignaling,
  type RosterState,
  type Signal,
  type SignalingStatus,
} from '@patchbay/core/signaling'
import { createStore, type Store } from '@patchbay/core/store'
import {
  type Capabilities,
  createInstanceId,
  fullCapabilities,
  type IceServer,
  type InstanceId,
  parsePeerInfo,
  type PeerId,
  type PeerInfo,
  randomToken,
} from '@patchbay/protocol'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'

/** A member as its retained message describes it. The later of two by `since` is the newcomer; equal ones go by their ids. */
type Presence = PeerInfo & { readonly since: number }

/** What goes to a member's own topic. `n` grows with each message of the sender. */
type Letter = Readonly<{ from: PeerId; n: number; signal?: Signal }>

/**
 * Signaling on the topics of an MQTT broker, for one room: `mesh/<room>/who/<id>` has a retained message for each member,
 * `mesh/<room>/to/<id>` takes the signals to one. A crash leaves the text `lost`, as the broker's last will.
 */
export class MqttSignaling implements RoomSignaling {
  readonly self: PeerId = randomToken(22) as PeerId
  readonly instance: InstanceId = createInstanceId()
  readonly capabilities: Capabilities = fullCapabilities
  readonly iceServers: Store<readonly IceServer[]> = createStore([])
  readonly #status = createStore<{ readonly status: SignalingStatus }>({ status: 'connecting' })
  readonly #connect: (will: IClientOptions['will']) => MqttClient
  #membership: MqttMembership | undefined
  readonly getSnapshot: Store<{ readonly status: SignalingStatus }>['getSnapshot'] = this.#status.getSnapshot
  readonly subscribe: Store<unknown>['subscribe'] = this.#status.subscribe

  /** @param url of the broker: `ws:` or `wss:`, in Node also `mqtt:` or `mqtts:`. */
  constructor(url: string, options: IClientOptions = {}) {
    this.#connect = (will) => mqtt.connect(url, { ...options, ...(will && { will }), reconnectPeriod: 500 })
  }

  enter(entry: RoomEntry): RoomMembership {
    const { room, name } = cleanEntry(entry)
    const { self: id, instance, capabilities } = this
    const info: Presence = { id, instance, name, line: 'mqtt', state: 'here', capabilities, since: Date.now() }
    const who = `mesh/${room}/who/${id}`
    const client = this.#connect({ topic: who, payload: 'lost', qos: 1, retain: true })
    const membership = (this.#membership = new MqttMembership(client, `mesh/${room}`, info))
    // Of a room that was left the connection ends in its own time.
    const set = (status: SignalingStatus) => membership.getSnapshot().status !== 'left' && this.#status.set({ status })
    client.on('connect', () => set('online'))
    client.on('close', () => set('reconnecting'))
    return membership
  }

  /** Leaves the room, for good. */
  close(): void {
    this.#membership?.leave()
    this.#status.set({ status: 'closed' })
  }
}

class MqttMembership implements RoomMembership {
  readonly #client: MqttClient
  readonly #room: string
  readonly #own: Presence
  readonly #roster = createStore<RosterState>({ status: 'joining' })
  readonly #listeners = new Set<(event: RoomEvent) => void>()
  readonly #peers = new Map<PeerId, Presence>()
  /** Number of the last letter of each sender. */
  readonly #last = new Map<PeerId, number>()
  /** Members that the broker has told of since it was connected to. */
  #told = new Set<PeerId>()
  #n = Date.now()
  readonly getSnapshot: Store<RosterState>['getSnapshot'] = this.#roster.getSnapshot
  readonly subscribe: Store<unknown>['subscribe'] = this.#roster.subscribe

  constructor(client: MqttClient, room: string, own: Presence) {
    this.#client = client
    this.#room = room
    this.#own = own
    client.on('connect', () => this.#connected())
    client.on('message', (topic, payload) => this.#arrived(topic, payload.toString()))
    // It tries again by itself.
    client.on('error', () => {})
  }

  onEvent(listener: (event: RoomEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  send(to: PeerId, signal: Signal): void {
    if (this.getSnapshot().status !== 'left' && this.#peers.has(to)) this.#post(to, signal)
  }

  leave(): void {
    if (this.getSnapshot().status === 'left') return
    this.#roster.set({ status: 'left' })
    this.#tell('')
    this.#client.end()
  }

  #connected(): void {
    if (this.getSnapshot().status === 'joined') this.#emit({ type: 'discontinuity' })
    this.#told = new Set()
    this.#client.subscribe([`${this.#room}/who/+`, `${this.#room}/to/${this.#own.id}`], { qos: 1 }, () => {
      this.#tell(JSON.stringify(this.#own))
      // Comes back behind all retained messages: from then on who was not told of is gone.
      this.#post(this.#own.id)
    })
  }

  /** Says of this member what newcomers find. */
  #tell(presence: string): void {
    this.#client.publish(`${this.#room}/who/${this.#own.id}`, presence, { qos: 1, retain: true })
  }

  #post(to: PeerId, signal?: Signal): void {
    const letter: Letter = { from: this.#own.id, n: (this.#n += 1), ...(signal && { signal }) }
    this.#client.publish(`${this.#room}/to/${to}`, JSON.stringify(letter), { qos: 1 })
  }

  #arrived(topic: string, text: string): void {
    if (this.getSnapshot().status === 'left') return
    const [kind, id] = topic.slice(this.#room.length + 1).split('/') as ['who' | 'to', PeerId]
    if (kind === 'to') this.#letter(parse(text))
    else if (id !== this.#own.id) this.#presence(id, text)
    // The last will of an earlier connection, which the broker has found dead only now.
    else if (text === 'lost') this.#tell(JSON.stringify(this.#own))
  }

  #presence(id: PeerId, text: string): void {
    const peer = parse(text) as Presence | undefined
    if (parsePeerInfo(peer)?.id !== id || peer === undefined) return this.#remove(id, text === 'lost' ? 'lost' : 'left')
    this.#told.add(id)
    if (this.#peers.get(id)?.since === peer.since) return
    // Who left and entered again meanwhile.
    this.#remove(id, 'left')
    this.#peers.set(id, peer)
    const newcomer = peer.since === this.#own.since ? id > this.#own.id : peer.since > this.#own.since
    this.#emit({ type: 'peer_joined', peer, newcomer })
  }

  /** @param letter from whoever may publish: anything. */
  #letter({ from, n, signal }: Partial<Letter> = {}): void {
    if (from === undefined || (from !== this.#own.id && !this.#peers.has(from))) return
    if (n === undefined || !Number.isSafeInteger(n) || n <= (this.#last.get(from) ?? 0)) return
    this.#last.set(from, n)
    if (from === this.#own.id) return this.#caughtUp()
    if (typeof signal?.body === 'string' && /^(offer|answer|ice_candidate)$/.test(signal.type))
      this.#emit({ type: 'signal', from, signal })
  }

  #caughtUp(): void {
    for (const id of this.#peers.keys()) if (!this.#told.has(id)) this.#remove(id, 'lost')
    this.#roster.set({ status: 'joined', title: undefined, peers: [...this.#peers.values()] })
  }

  #remove(id: PeerId, reason: 'left' | 'lost'): void {
    if (this.#peers.delete(id)) this.#emit({ type: 'peer_removed', id, reason })
    this.#last.delete(id)
  }

  #emit(event: RoomEvent): void {
    const { status } = this.getSnapshot()
    if (status === 'left') return
    if (status === 'joined') this.#roster.set({ status, title: undefined, peers: [...this.#peers.values()] })
    for (const listener of [...this.#listeners]) listener(event)
  }
}

/** @returns what is in a text, as an object; `undefined` when it is no JSON. */
function parse(text: string): object | undefined {
  try {
    return Object(JSON.parse(text)) as object
  } catch {
    return undefined
  }
}
