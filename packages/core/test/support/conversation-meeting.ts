import { Random } from '@patchbay/fault-proxy'
import type { PeerId } from '@patchbay/protocol'
import { Conversation, type ConversationOptions, type MessageEntry } from '../../src/conversation/index.ts'
import type { Authorize } from '../../src/hub/index.ts'
import { Mesh } from '../../src/mesh/index.ts'
import { FakeInternet } from '../simulator/fake-internet.ts'
import { FakePeerConnection } from '../simulator/fake-peer-connection.ts'
import { type Identity, World } from './world.ts'

/** How somebody enters. `plain`: with a page that has no conversation; `mute`: with one that the test speaks for. */
export interface Manner extends ConversationOptions, Identity {
  readonly plain?: boolean
  readonly mute?: boolean
  readonly token?: string
}

/** A room in which people talk, on a manual clock. */
export class Meeting {
  readonly world: World
  readonly internet: FakeInternet<FakePeerConnection>

  constructor(authorize?: Authorize) {
    this.world = new World({}, authorize)
    this.internet = new FakeInternet(this.world.clock, new Random(1))
  }

  /** Somebody enters, and is connected to everybody a moment later. */
  async enter(name: string, { plain = false, mute = false, history = true, token, ...identity }: Manner = {}) {
    const { client, secret, lines } = this.world.connect(identity, token === undefined ? {} : { token: () => token })
    const conversation = new Conversation({ history, clock: this.world.clock })
    const mesh = new Mesh({
      signaling: client,
      entry: { room: 'room', name },
      createPeerConnection: () => new FakePeerConnection(name, this.internet) as unknown as RTCPeerConnection,
      clock: this.world.clock,
      features: plain ? [] : [conversation],
    })
    if (!plain && !mute) conversation.start({ mesh, self: () => client.self, name })
    await this.pass(5_000)
    const messages = () => conversation.getSnapshot().entries.filter((entry) => entry.kind === 'message')
    const find = (text: string): MessageEntry => {
      const found = messages().find((message) => message.text === text)
      if (found === undefined) throw new Error(`no ${text}`)
      return found
    }
    return {
      name,
      client,
      secret,
      lines,
      mesh,
      conversation,
      messages,
      texts: () => messages().map(({ text }) => text),
      find,
      key: (text: string) => find(text).key,
      idOf: (other: string): PeerId => {
        const found = mesh.getSnapshot().find(({ info }) => info.name === other)
        if (found === undefined) throw new Error(`no ${other}`)
        return found.info.id
      },
      leave: () => {
        conversation.close()
        mesh.close()
        client.close()
      },
    }
  }

  async pass(ms: number): Promise<void> {
    await this.world.clock.advance(ms)
  }
}

/** Somebody at a {@link Meeting}. */
export type Participant = Awaited<ReturnType<Meeting['enter']>>
