import {
  createEpoch,
  createInstanceId,
  createPeerSecret,
  createSessionId,
  encode,
  type PeerId,
  type ServerMessage,
} from '@patchbay/protocol'
import { SignalingClient, type SignalingClientOptions } from '../../src/client/index.ts'
import { createLinkedPair, type Dialer, DialError } from '../../src/transport/index.ts'
import { drainMicrotasks, ManualClock } from './manual-clock.ts'

type Welcome = Extract<ServerMessage, { type: 'welcome' }>

/** The server's end of a line, in the test's hands. */
interface ServerLine {
  readonly name: string
  /** When it was opened. */
  readonly at: number
  /** What the client said and was not looked at yet, and in the end how the line ended. */
  news(): unknown[]
  say(...said: (ServerMessage | string)[]): Promise<void>
  /** Welcomes as a server in good health does, but for what is given. */
  welcome(but?: Partial<Welcome>): Promise<void>
  close(): Promise<void>
  cut(): Promise<void>
}

export const epoch = createEpoch()
export const session = createSessionId()
export const you = 'Y'.repeat(22) as PeerId

/** A client on a hand-driven clock, whose server is the test itself. */
export function rawServer(options: Partial<SignalingClientOptions> & { readonly names?: readonly string[] } = {}) {
  const { names = ['test'], ...choices } = options
  const clock = new ManualClock()
  const lines: ServerLine[] = []
  /** Lines that are refused, or that nobody answers. */
  const blocked = new Map<string, 'refused' | 'silent'>()
  /** When which line was dialed. */
  const dialed: string[] = []

  const open = (name: string, near: Parameters<Dialer['dial']>[0]) => {
    const heard: unknown[] = []
    const pair = createLinkedPair('line', () => ({
      near,
      far: { frame: (text) => heard.push(JSON.parse(text.split('\n', 1)[0] ?? '')), close: (why) => heard.push(why) },
    }))
    const say: ServerLine['say'] = async (...said) => {
      for (const one of said) pair.far.send(typeof one === 'string' ? one : encode(one))
      await drainMicrotasks()
    }
    lines.push({
      name,
      at: clock.now(),
      news: () => heard.splice(0),
      say,
      welcome: (but = {}) =>
        say({
          type: 'welcome',
          version: 1,
          epoch,
          session,
          you,
          recovered: false,
          received: 0,
          heartbeatMs: 2_500,
          deadMs: 5_500,
          resumeMs: 120_000,
          iceServers: [],
          ...but,
        }),
      async close() {
        pair.far.close()
        await drainMicrotasks()
      },
      async cut() {
        pair.cut()
        await drainMicrotasks()
      },
    })
    return pair.near
  }

  const dialerOf = (name: string): Dialer => ({
    name,
    async dial(handlers) {
      dialed.push(`${name} ${clock.now()}`)
      await Promise.resolve()
      if (blocked.get(name) === 'silent') await new Promise(() => {})
      if (blocked.get(name) === 'refused') throw new DialError(name, 'refused')
      return open(name, handlers)
    },
  })
  const [secret, instance] = [createPeerSecret(), createInstanceId()]
  const client = new SignalingClient({
    dialers: names.map(dialerOf),
    secret,
    instance,
    clock,
    random: () => 0.5,
    ...choices,
  })
  /** The newest line. */
  const line = () => {
    const newest = lines.at(-1)
    if (newest === undefined) throw new Error('no line')
    return newest
  }
  return { client, clock, lines, line, blocked, dialed, secret, instance }
}
