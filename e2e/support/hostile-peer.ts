import { SignalingClient } from '@patchbay/core/client'
import { FileShare } from '@patchbay/core/files'
import { Mesh } from '@patchbay/core/mesh'
import { createInstanceId, createPeerSecret } from '@patchbay/protocol'
import { nodeDataChannel } from '@patchbay/room/node-datachannel'
import { dialWebSocket } from '@patchbay/transport-websocket/client'
import { WebSocket } from 'ws'

/** What a hostile peer can use once it is connected to a page. */
export interface Grip {
  readonly pc: RTCPeerConnection
  readonly chat: RTCDataChannel
  readonly files: RTCDataChannel
}

/** Says all of these at once, from the first message on. */
export function speak(chat: RTCDataChannel, texts: readonly string[]): void {
  chat.send(JSON.stringify({ type: 'sync', stream: 's', before: 0 }))
  for (const [i, text] of texts.entries())
    chat.send(`${JSON.stringify({ type: 'chat', id: `m${i + 1}`, seq: i + 1 })}\n${text}`)
}

/** A program that joins a room, connects to the one page in it, and then attacks it. */
export class HostilePeer {
  readonly #client: SignalingClient
  readonly #mesh: Mesh
  readonly #grips: { readonly pc: RTCPeerConnection; readonly channels: Map<string, RTCDataChannel> }[] = []

  constructor(signalingPort: number, room: string, name: string) {
    const url = `ws://127.0.0.1:${signalingPort}/ws`
    this.#client = new SignalingClient({
      dialers: [dialWebSocket({ url, WebSocket })],
      secret: createPeerSecret(),
      instance: createInstanceId(),
      capabilities: { trickle: true, renegotiate: false, media: false, data: true, files: true, role: 'both' },
    })
    this.#mesh = new Mesh({
      signaling: this.#client,
      entry: { room: room, name },
      createPeerConnection: (configuration) => this.#make(configuration),
      features: [new FileShare({ self: () => this.#client.self })],
    })
  }

  /** Waits until it is connected to the page. */
  async grip(): Promise<Grip> {
    for (;;) {
      const [peer] = this.#mesh.getSnapshot()
      // One that was made ahead, or replaced, is not the one in use.
      const inUse = peer && this.#mesh.connectionTo(peer.info.id)
      const held = this.#grips.find(({ pc }) => pc === inUse)
      const [chat, files] = [held?.channels.get('chat'), held?.channels.get('files')]
      const open = chat?.readyState === 'open' && files?.readyState === 'open'
      if (peer?.link.phase === 'connected' && held !== undefined && open) return { pc: held.pc, chat, files }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** Leaves, if it is still there. */
  close(): void {
    this.#mesh.close()
    this.#client.close()
  }

  #make(configuration: RTCConfiguration): RTCPeerConnection {
    const pc = nodeDataChannel.createPeerConnection(configuration)
    const channels = new Map<string, RTCDataChannel>()
    const create = pc.createDataChannel.bind(pc)
    pc.createDataChannel = (label, how) => {
      const channel = create(label, how)
      channels.set(label, channel)
      return channel
    }
    this.#grips.push({ pc, channels })
    return pc
  }
}
