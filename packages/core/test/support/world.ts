import {
  cleanName,
  createInstanceId,
  createPeerSecret,
  type InstanceId,
  type PeerId,
  type PeerSecret,
} from '@patchbay/protocol'
import { type GetToken, type LineMemory, type RoomChannel, SignalingClient } from '../../src/client/index.ts'
import type { RoomEvent } from '../../src/signaling/index.ts'
import { type Authorize, Hub, type HubLimits } from '../../src/hub/index.ts'
import {
  type AcceptedConnection,
  type ConnectionHandlers,
  createLinkedPair,
  type Dialer,
  DialError,
  type LinkedPair,
} from '../../src/transport/index.ts'
import { drainMicrotasks, ManualClock } from './manual-clock.ts'

/** In these tests a peer id is the first half of its secret, not a hash. */
const peerIdOf = (secret: PeerSecret): PeerId => secret.slice(0, 22) as PeerId

/** A line that can also go silent: no frames pass either way, without any notice. */
export interface TestLine extends LinkedPair {
  silence(): void
}

export interface TestClient {
  readonly client: SignalingClient
  readonly secret: PeerSecret
  readonly instance: InstanceId
  readonly id: PeerId
  /** Lines this client has opened, oldest first. */
  readonly lines: TestLine[]
}

export interface TestRoom {
  readonly channel: RoomChannel
  readonly events: RoomEvent[]
}

export interface Identity {
  readonly secret?: PeerSecret
  readonly instance?: InstanceId
}

/** A client's lines, best first, its line memory, and what says who it is. */
export interface Ways {
  readonly token?: GetToken
  readonly names?: readonly string[]
  readonly line?: string
  readonly lineMemory?: LineMemory
}

const lineNames = ['test', 'first', 'second', 'third']

/** A hub, and clients on lines that can be cut, in one process and on one manual clock. */
export class World {
  readonly clock = new ManualClock()
  readonly limits: Partial<HubLimits>
  hub: Hub
  readonly #accepts = new Map<string, (line: AcceptedConnection) => ConnectionHandlers>()
  /** While `false`, dials are refused. */
  reachable = true
  /** Lines that cannot be opened: refused, or never answered. */
  readonly blocked = new Map<string, 'refused' | 'silent'>()

  readonly #authorize: Authorize | undefined

  constructor(limits: Partial<HubLimits> = {}, authorize?: Authorize) {
    this.limits = limits
    this.#authorize = authorize
    this.hub = this.#startHub()
  }

  /** Drops the server's state, like a kill and restart; the test cuts the lines. */
  restartHub(): void {
    this.hub = this.#startHub()
  }

  #startHub(): Hub {
    const hub = new Hub({ peerIdOf, clock: this.clock, limits: this.limits, authorize: this.#authorize })
    for (const name of lineNames)
      hub.serve({ name, listen: (accept) => this.#accepts.set(name, accept), close: () => Promise.resolve() })
    return hub
  }

  /** Opens a raw line to the hub, for tests that send protocol messages directly. */
  open(near: ConnectionHandlers, name = 'test'): TestLine {
    let silent = false
    const through = (handlers: ConnectionHandlers): ConnectionHandlers => ({
      frame: (text) => !silent && handlers.frame(text),
      close: (reason) => !silent && handlers.close(reason),
    })
    const pair = createLinkedPair('line', ({ far }) => {
      const accept = this.#accepts.get(name)
      if (accept === undefined) throw new Error('no hub')
      return { near: through(near), far: through(accept({ ...far, remote: { address: 'test', origin: undefined } })) }
    })
    return { ...pair, silence: () => (silent = true) }
  }

  dialer(lines: TestLine[], name: string = 'test'): Dialer {
    return {
      name,
      dial: async (handlers) => {
        await Promise.resolve()
        const blocked = this.blocked.get(name)
        if (blocked === 'silent') await new Promise(() => {})
        if (!this.reachable || blocked === 'refused') throw new DialError(name, 'unreachable')
        const pair = this.open(handlers, name)
        lines.push(pair)
        return pair.near
      },
    }
  }

  connect(identity: Identity = {}, ways: Ways = {}): TestClient {
    const { secret = createPeerSecret(), instance = createInstanceId() } = identity
    const { names = ['test'], ...choices } = ways
    const lines: TestLine[] = []
    const client = new SignalingClient({
      dialers: names.map((name) => this.dialer(lines, name)),
      ...choices,
      secret,
      instance,
      clock: this.clock,
      random: () => 0.5,
    })
    return { client, secret, instance, id: peerIdOf(secret), lines }
  }

  enter({ client }: TestClient, room = 'room', name = 'somebody'): TestRoom {
    const channel = client.enter({ room: room, name: cleanName(name) })
    const events: RoomEvent[] = []
    channel.onEvent((event) => events.push(event))
    return { channel, events }
  }

  settle(): Promise<void> {
    return drainMicrotasks()
  }
}
