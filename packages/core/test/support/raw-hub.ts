import {
  type ClientMessage,
  createInstanceId,
  createPeerSecret,
  encode,
  fullCapabilities,
  type PeerId,
  type PeerSecret,
  PROTOCOL_VERSION,
  type RoomId,
  type ServerMessage,
  type SessionId,
} from '@patchbay/protocol'
import { Hub, type HubEvent, type HubOptions } from '../../src/hub/index.ts'
import { type AcceptedConnection, type ConnectionHandlers, createLinkedPair } from '../../src/transport/index.ts'
import { drainMicrotasks, ManualClock } from './manual-clock.ts'

export const room = 'room' as RoomId

/** Not a hash: in these tests a peer id is the first half of its secret. */
export const peerIdOf = (secret: PeerSecret): PeerId => secret.slice(0, 22) as PeerId

export interface Person {
  readonly version: number
  readonly secret: PeerSecret
  readonly instance: ReturnType<typeof createInstanceId>
  readonly capabilities: typeof fullCapabilities
}

export const person = (): Person => ({
  version: PROTOCOL_VERSION,
  secret: createPeerSecret(),
  instance: createInstanceId(),
  capabilities: fullCapabilities,
})

/** A line on which a test speaks for itself. */
export interface RawLine {
  /** What came and was not looked at yet, and in the end how the line ended. */
  readonly heard: unknown[]
  say(...said: (ClientMessage | string)[]): Promise<void>
  cut(): Promise<void>
  close(): Promise<void>
}

/** A member of a hub, on a line. */
export interface Guest extends RawLine {
  readonly id: PeerId
  readonly session: SessionId
  /** Gives what came and was not looked at yet. */
  news(): unknown[]
}

/** A hub on a hand-driven clock, everything it tells of itself, and lines on which tests speak the protocol by hand. */
export function rawHub(options: Partial<HubOptions> = {}) {
  const clock = new ManualClock()
  const events: HubEvent[] = []
  const hub = new Hub({ peerIdOf, clock, onEvent: (event) => events.push(event), ...options })
  const accepts = new Map<string, (line: AcceptedConnection) => ConnectionHandlers>()
  for (const name of ['raw', 'other'])
    hub.serve({ name, listen: (accept) => accepts.set(name, accept), close: () => Promise.resolve() })

  const open = (name = 'raw', address = 'test'): RawLine => {
    const heard: unknown[] = []
    const near: ConnectionHandlers = {
      frame: (text) => heard.push(JSON.parse(text.split('\n', 1)[0] ?? '')),
      close: (reason) => heard.push(reason),
    }
    const pair = createLinkedPair('line', ({ far }) => {
      const accept = accepts.get(name)
      if (accept === undefined) throw new Error('no such line')
      return { near, far: accept({ ...far, remote: { address, origin: undefined } }) }
    })
    return {
      heard,
      async say(...said) {
        for (const one of said) pair.near.send(typeof one === 'string' ? one : encode(one))
        await drainMicrotasks()
      },
      async cut() {
        pair.cut()
        await drainMicrotasks()
      },
      async close() {
        pair.near.close()
        await drainMicrotasks()
      },
    }
  }

  /** Opens a line and greets on it. */
  const greet = async (greeting: ClientMessage, name?: string, address?: string): Promise<Guest> => {
    const line = open(name, address)
    await line.say(greeting)
    const first = line.heard[0] as Partial<Extract<ServerMessage, { type: 'welcome' }>>
    return {
      ...line,
      id: first.you as PeerId,
      session: first.session as SessionId,
      news: () => line.heard.splice(0),
    }
  }

  /** Comes in and joins the room, as far as nobody has to look at what was said. */
  const join = async (name: string, who: Person = person()): Promise<Guest> => {
    const guest = await greet({ type: 'hello', ...who })
    await guest.say({ type: 'join', room, name })
    return guest
  }

  return { clock, events, hub, open, greet, join }
}
