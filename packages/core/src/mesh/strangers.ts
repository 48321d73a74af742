import type { PeerId, PeerInfo } from '@patchbay/protocol'
import type { RoomChat } from './chat/room-chat.ts'
import type { Shown } from './member.ts'

/**
 * Members of a room with a key that have not shown that they have it. They cost nothing but an entry here: a connection to
 * one is made when its first authentic signal arrives, and the log does not mention it before. What is said meanwhile waits for it.
 */
export class Strangers {
  readonly #strangers = new Map<PeerId, { info: PeerInfo; refused: number }>()
  readonly #chat: Pick<RoomChat, 'expect' | 'forget'>

  constructor(chat: Pick<RoomChat, 'expect' | 'forget'>) {
    this.#chat = chat
  }

  add(info: PeerInfo): void {
    this.#chat.expect(info)
    this.#strangers.set(info.id, { info, refused: 0 })
  }

  find(id: PeerId): PeerInfo | undefined {
    return this.#strangers.get(id)?.info
  }

  /** Takes in what the server says of one of them. */
  update(info: PeerInfo): void {
    const known = this.#strangers.get(info.id)
    if (known !== undefined) known.info = info
  }

  /** A signal in its name was not sealed with the room's key. */
  refuse(id: PeerId): void {
    const known = this.#strangers.get(id)
    if (known === undefined) return
    known.refused += 1
    this.#chat.forget(id)
  }

  /** It is a stranger no longer. */
  remove(id: PeerId): void {
    this.#strangers.delete(id)
  }

  /** It is gone. */
  leave(id: PeerId): void {
    if (this.#strangers.delete(id)) this.#chat.forget(id)
  }

  clear(): void {
    this.#strangers.clear()
  }

  /** Those whose signals were rejected, for the page. */
  refused(): Shown[] {
    return [...this.#strangers.values()]
      .filter(({ refused }) => refused > 0)
      .map((stranger) => ({ ...stranger, listed: true, link: unconnected }))
  }
}

const unconnected: Shown['link'] = { state: { phase: 'connecting', attempt: 1 }, path: undefined }
