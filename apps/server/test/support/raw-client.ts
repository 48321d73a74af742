import { once } from 'node:events'
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
  type SessionId,
} from '@patchbay/protocol'
import { WebSocket } from 'ws'

/** A header from the server, or how it closed the WebSocket. */
type Heard = { readonly type: string; readonly code?: string; readonly [key: string]: unknown }

/** A WebSocket client that sends anything, well-formed or not. */
export class RawClient {
  readonly socket: WebSocket
  readonly heard: Heard[] = []
  closeCode: number | undefined

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('close', (code) => (this.closeCode = code))
    socket.on('message', (data: Buffer) => this.heard.push(JSON.parse(data.toString().split('\n')[0] ?? '') as Heard))
  }

  static async open(port: number): Promise<RawClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?line=raw`, 'patchbay.1')
    const client = new RawClient(socket)
    await once(socket, 'open')
    return client
  }

  /** Opens a line and sends `hello`; with a room, joins it too. */
  static async greet(port: number, options: { secret?: PeerSecret; room?: string } = {}): Promise<RawClient> {
    const client = await RawClient.open(port)
    client.say({ type: 'hello', ...identityOf(options.secret ?? createPeerSecret()) })
    await client.hears('welcome')
    if (options.room !== undefined) {
      client.say({ type: 'join', room: options.room as RoomId, name: 'Raw' })
      await client.hears('peers')
    }
    return client
  }

  get id(): PeerId {
    return this.#welcome.you as PeerId
  }

  get session(): SessionId {
    return this.#welcome.session as SessionId
  }

  /** The code of the server's `close`, or how the WebSocket ended without one. */
  get end(): string | undefined {
    const close = this.heard.find(({ type }) => type === 'close')
    return close?.code ?? (this.closeCode === undefined ? undefined : `WebSocket ${this.closeCode}`)
  }

  say(message: ClientMessage): void {
    this.socket.send(encode(message))
  }

  /** Sends text verbatim. */
  shout(text: string): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(text)
  }

  /** Waits for a message of one type. @returns the first one. */
  async hears(type: string): Promise<Heard> {
    for (;;) {
      const found = this.heard.find((message) => message.type === type)
      if (found !== undefined) return found
      if (this.closeCode !== undefined) throw new Error(`closed (${this.end}) before ${type}`)
      await Promise.race([once(this.socket, 'message'), once(this.socket, 'close')])
    }
  }

  /** Waits until the line has ended. @returns why. */
  async ended(): Promise<string | undefined> {
    if (this.closeCode === undefined) await once(this.socket, 'close')
    return this.end
  }

  get #welcome(): Heard {
    return this.heard.find(({ type }) => type === 'welcome') ?? { type: 'none' }
  }
}

/** Identity fields of `hello` and `resume`. */
export function identityOf(secret: PeerSecret) {
  return { version: PROTOCOL_VERSION, secret, instance: createInstanceId(), capabilities: fullCapabilities }
}
