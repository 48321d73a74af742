import { type ClientMessage, encode, type PeerId, type ServerMessage, type SessionId } from '@patchbay/protocol'
import { createEngine, MemoryStore } from '../../src/engine/index.ts'
import { Hub, type HubEvent, type HubOptions } from '../../src/hub/index.ts'
import { type AcceptedConnection, type ConnectionHandlers, createLinkedPair } from '../../src/transport/index.ts'
import { ManualClock } from './manual-clock.ts'
import { type Person, person, peerIdOf, room } from './raw-hub.ts'
import { type Trouble, troubled } from './troubled-store.ts'

/** A node: its hub, and its way to the store. */
export interface Node {
  readonly id: string
  readonly hub: Hub
  readonly events: HubEvent[]
  readonly trouble: Trouble
  readonly accept: (line: AcceptedConnection) => ConnectionHandlers
}

/** Someone on a line to a node, who speaks for themselves. */
export interface Guest {
  readonly id: PeerId
  readonly session: SessionId
  readonly who: Person
  /** What came and was not looked at yet. */
  news(): Record<string, unknown>[]
  say(...said: (ClientMessage | string)[]): Promise<void>
  cut(): Promise<void>
}

/** Several hubs on one store in memory, on a hand-driven clock, and lines on which tests speak the protocol by hand. */
export function rawNodes(options: Partial<HubOptions> = {}) {
  const clock = new ManualClock(64)
  const store = new MemoryStore(clock)
  const settle = () => clock.advance(5)

  const start = async (): Promise<Node> => {
    const events: HubEvent[] = []
    const trouble: Trouble = { isCut: false, isDeaf: false, delayMs: 0 }
    const engine = createEngine({ store: troubled(store.connect(), trouble, clock), clock })
    const hub = new Hub({ peerIdOf, clock, engine, onEvent: (event) => events.push(event), ...options })
    let accept: Node['accept'] | undefined
    hub.serve({ name: 'raw', listen: (on) => (accept = on), close: () => Promise.resolve() })
    void hub.start()
    await settle()
    if (accept === undefined) throw new Error('no listener')
    return { id: engine.node, hub, events, trouble, accept }
  }

  /** Opens a line to a node and greets on it. */
  const greet = async (node: Node, greeting: Extract<ClientMessage, { type: 'hello' | 'resume' }>): Promise<Guest> => {
    const heard: Record<string, unknown>[] = []
    const near: ConnectionHandlers = {
      frame: (text) => heard.push(JSON.parse(text.split('\n', 1)[0] ?? '') as Record<string, unknown>),
      close: (reason) => heard.push({ type: reason }),
    }
    const pair = createLinkedPair('line', ({ far }) => ({
      near,
      far: node.accept({ ...far, remote: { address: 'test', origin: undefined } }),
    }))
    const say = async (...said: (ClientMessage | string)[]) => {
      for (const one of said) pair.near.send(typeof one === 'string' ? one : encode(one))
      await settle()
    }
    await say(greeting)
    const first = (heard[0] ?? {}) as Partial<Extract<ServerMessage, { type: 'welcome' }>>
    const { secret, instance, capabilities, version } = greeting
    return {
      id: first.you as PeerId,
      session: first.session as SessionId,
      who: { secret, instance, capabilities, version },
      news: () => heard.splice(0).filter(({ type }) => type !== 'ping' && type !== 'pong' && type !== 'ack'),
      say,
      async cut() {
        pair.cut()
        await settle()
      },
    }
  }

  /** Comes in at a node and joins the room. */
  const join = async (node: Node, name: string, who: Person = person()): Promise<Guest> => {
    const guest = await greet(node, { type: 'hello', ...who })
    await guest.say({ type: 'join', room, name })
    return guest
  }

  return { clock, store, start, greet, join, settle }
}

/** Names in the order of a roster. */
export const namesIn = (message: Record<string, unknown> | undefined): string[] =>
  ((message?.peers ?? []) as { readonly name: string }[]).map(({ name }) => name)

/** Type, reason or name, and state of each message. */
export const brief = (news: readonly Record<string, unknown>[]): string[] =>
  news.map(({ type, code, reason, peer }) => {
    const { name, state } = (peer ?? {}) as { name?: string; state?: string }
    return ([type, code ?? reason ?? name, state] as (string | undefined)[])
      .filter((part) => part !== undefined)
      .join(' ')
  })
