import type { PeerId, PeerInfo } from '@patchbay/protocol'
import type { Shown } from './member.ts'

/**
 * Members of a room with a key that have not shown that they have it. They cost nothing but an entry here: a connection to
 * one is made when its first authentic signal arrives, and the log does not mention it before.
 */
export class Strangers {
  readonly #strangers = new Map<PeerId, { info: PeerInfo; refused: number }>()

  add(info: PeerInfo): void {
    this.#strangers.set(info.id, { info, refused: 0 })
  }

  find(id: PeerId): PeerInfo | undefined {
    return this.#strangers.get(id)?.info
  }

  /** Takes in what the server says of one of them. @returns whether it is one. */
  update(info: PeerInfo): boolean {
    const known = this.#strangers.get(info.id)
    if (known !== undefined) known.info = info
    return known !== undefined
  }

  /** A signal in its name was not sealed with the room's key. */
  refuse(id: PeerId): void {
    const known = this.#strangers.get(id)
    if (known !== undefined) known.refused += 1
  }

  /** @returns whether it was one. */
  remove(id: PeerId): boolean {
    return this.#strangers.delete(id)
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
