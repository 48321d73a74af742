import { Aedes, type AuthenticateError, type Client, type ConnectPacket } from 'aedes'
import { type Dropped, FanOutBudget } from './fan-out-budget.ts'
import type { GuardedStream } from './guarded-stream.ts'
import { readPublish } from './packet-reader.ts'
import { type Kind, LINE_ID, type Topics } from './wire.ts'

/** Callbacks and settings that the listener gives the broker. */
export interface BrokerHost {
  readonly topics: Topics
  /** Topics below this prefix are open to clients that are not lines. */
  readonly openPrefix: string | undefined
  /** Connected clients by id. An id in use is refused: a newcomer must not take over a connection. */
  readonly clients: Map<string, Client>
  /** The network address of a client. */
  readonly addressOf: (client: Client) => string
  /** Takes a message from a line's client. @returns whether its line is open now. */
  readonly take: (client: Client, kind: Kind, payload: Buffer) => boolean
  /** The client with this id has disconnected. */
  readonly lost: (id: string) => void
  /** Called once a minute at most, when something that open clients publish is dropped. */
  readonly onDropped: ((dropped: Dropped) => void) | undefined
}

/** Longest keep-alive a client may request, in seconds; without one, dead clients would never be removed. */
const MAX_KEEP_ALIVE_SECONDS = 120
/** Subscriptions a connection may make in total. */
const MAX_SUBSCRIPTIONS = 32
/** Levels below the open prefix, and how many of a filter's may be `+`: a match looks at every combination of them. */
const MAX_OPEN_LEVELS = 8
const MAX_WILDCARDS = 3
/** A client that checks what it receives disconnects when a topic has one of these (MQTT 3.1.1 §1.5.3). */
const unfit = /[\p{Cc}\p{Noncharacter_Code_Point}]/u
/** Time for CONNECT, and then for the line that the client is there for. */
const CONNECT_MS = 5_000
const OPEN_MS = 5_000
/** CONNACK return codes (MQTT 3.1.1 §3.2.2.3). */
const refusals = { id: 2, denied: 5 } as const

/**
 * An aedes broker that denies by default. The client of a line may publish on its own `up` topics, whose messages go
 * only to the listener, and subscribe to its own `down` topics; its will may only be `gone`. Other clients may use
 * topics below the open prefix, if there is one. `$SYS`, persistent sessions, MQTT 3.1 and 5, and messages that are
 * retained or above QoS 0 are refused.
 * @throws {RangeError} when the open prefix and the prefix of the lines overlap.
 */
export async function createBroker(host: BrokerHost): Promise<Aedes> {
  const { topics, openPrefix, clients, addressOf, take, lost, onDropped } = host
  const overlap = (a: string, b: string) => `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`)
  if (openPrefix !== undefined && overlap(openPrefix, topics.prefix))
    throw new RangeError('The open prefix and the prefix of the lines must not overlap.')
  const subscriptions = new WeakMap<Client, number>()
  /** Clients of lines that have not opened one yet. */
  const deadlines = new WeakMap<Client, NodeJS.Timeout>()
  const verdicts = new WeakMap<Client, keyof typeof refusals>()
  const isBelow = (topic: string) =>
    openPrefix !== undefined &&
    topic.startsWith(`${openPrefix}/`) &&
    topic.slice(openPrefix.length + 1).split('/').length <= MAX_OPEN_LEVELS &&
    !unfit.test(topic)
  const isOpen = (topic: string) => isBelow(topic) && !/[+#]/.test(topic)
  const isOpenFilter = (filter: string) => isBelow(filter) && filter.split('+').length - 1 <= MAX_WILDCARDS

  /** Takes an open line's messages directly from its stream: routing through the broker costs more than the rest. */
  const takeFromStream = (client: Client) => {
    const kinds = topics.everyUpOf(client.id)
    streamOf(client).divert((packet) => {
      const publish = readPublish(packet)
      const kind = kinds.get(publish?.topic ?? '')
      if (publish === undefined || kind === undefined) return false
      take(client, kind, publish.payload)
      return true
    })
  }

  const fanOut = new FanOutBudget(onDropped)
  /** Addresses that open messages are from, by payload: a will is handed on when its client is gone. */
  const publishers = new WeakMap<object, string>()
  /** Drops what an open client publishes while nobody would get it. */
  const holdBack = (client: Client) => {
    const stream = streamOf(client)
    stream.tighten()
    const address = addressOf(client)
    stream.divert((packet) => {
      if (!fanOut.isSpent(address, packet.length) || readPublish(packet) === undefined) return false
      fanOut.dropped(address)
      return true
    })
  }

  const judge = ({ protocolVersion, clientId, clean, keepalive = 0, will }: ConnectPacket) => {
    if (protocolVersion !== 4) return 'denied'
    const line = LINE_ID.test(clientId)
    if (!line && openPrefix === undefined) return 'id'
    if (!clean || keepalive === 0 || keepalive > MAX_KEEP_ALIVE_SECONDS) return 'denied'
    if (will === undefined) return undefined
    const fitting = line ? will.topic === topics.up(clientId, 'gone') : isOpen(will.topic)
    return fitting && will.qos === 0 && !will.retain ? undefined : 'denied'
  }

  const broker = await Aedes.createBroker({
    // Nothing here uses the broker's own heartbeat.
    heartbeatInterval: 3_600_000,
    connectTimeout: CONNECT_MS,
    maxTopicLevels: 16,
    preConnect(client, packet, done) {
      const verdict = judge(packet)
      if (verdict !== undefined) verdicts.set(client, verdict)
      // The stream enforces keep-alive, because the broker does not see the diverted packets.
      else streamOf(client).keepAlive(packet.keepalive ?? 0)
      packet.keepalive = 0
      // A refusal waits until `authenticate`: only there does the client get a return code.
      done(null, true)
    },
    authenticate(client, _name, _password, done) {
      // The client is already gone, so its `close` event would never remove it from the map.
      if (client.closed || client.conn.destroyed) return done(refusal('denied'), false)
      const verdict = verdicts.get(client) ?? (clients.has(client.id) ? 'id' : undefined)
      if (verdict !== undefined) return done(refusal(verdict), false)
      clients.set(client.id, client)
      if (LINE_ID.test(client.id)) deadlines.set(client, setTimeout(() => client.close(), OPEN_MS).unref())
      else holdBack(client)
      client.conn.once('close', () => {
        clearTimeout(deadlines.get(client))
        clients.delete(client.id)
        lost(client.id)
      })
      done(null, true)
    },
    authorizePublish(client, packet, done) {
      // Published by the broker itself.
      if (client === null) return done(null)
      const message = topics.readUp(packet.topic)
      if (message?.line === client.id) {
        const hasLine = take(client, message.kind, packet.payload as Buffer)
        // No message of this line is in the broker now: its client sends nothing before `open` is granted.
        if (message.kind === 'open' && hasLine) {
          clearTimeout(deadlines.get(client))
          takeFromStream(client)
        }
        return done(null)
      }
      publishers.set(packet.payload as Buffer, addressOf(client))
      done(!LINE_ID.test(client.id) && isOpen(packet.topic) ? null : new Error('The client may not use this topic.'))
    },
    authorizeForward(_, packet) {
      const address = publishers.get(packet.payload as Buffer) ?? 'unknown'
      if (fanOut.take(address, packet.topic.length + packet.payload.length)) return packet
      fanOut.dropped(address)
      return null
    },
    authorizeSubscribe(client, subscription, done) {
      const own = LINE_ID.test(client.id)
        ? subscription.topic === topics.down(client.id, '+') || subscription.topic === topics.serverGone
        : isOpenFilter(subscription.topic)
      const count = subscriptions.get(client) ?? 0
      if (own) subscriptions.set(client, count + 1)
      done(null, own && count < MAX_SUBSCRIPTIONS ? subscription : null)
    },
  })
  // A client that closed during authentication would otherwise stay registered.
  broker.on('client', (client) => {
    if (client.closed) (broker as Aedes & { unregisterClient(client: Client): void }).unregisterClient(client)
  })
  return broker
}

/** All clients connect through the listener's guarded streams. */
export function streamOf(client: Client): GuardedStream {
  return client.conn as GuardedStream
}

function refusal(verdict: keyof typeof refusals): AuthenticateError {
  const error = new Error(`The connection is refused: ${verdict}.`)
  // aedes declares its codes as an enum that does not exist when the program runs.
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment
  return Object.assign(error, { returnCode: refusals[verdict] })
}
