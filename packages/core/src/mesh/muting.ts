import type { PeerId } from '@patchbay/protocol'
import type { Feature, LinkFeature, LinkPort, MessageOf } from './feature.ts'

/** Asks another member's page to mute its microphone, and hears when another member asks for it. */
export class Muting implements Feature<MessageOf<'mute'>> {
  readonly name = 'mute'
  readonly handles = ['mute'] as const
  readonly #links = new Map<PeerId, LinkPort>()
  readonly #onAsked: (by: PeerId) => void

  /** @param onAsked whether somebody may ask for it is for the owner to say. */
  constructor(onAsked: (by: PeerId) => void) {
    this.#onAsked = onAsked
  }

  /** @returns whether it was asked for: not of a member that is not connected, nor of a page that does not know of it. */
  ask(peer: PeerId): boolean {
    const link = this.#links.get(peer)
    if (link?.isOpen !== true || !link.has(this.name)) return false
    link.send({ type: 'mute' })
    return true
  }

  attach(port: LinkPort): LinkFeature<MessageOf<'mute'>> {
    const { id } = port.peer
    this.#links.set(id, port)
    return {
      receive: () => this.#onAsked(id),
      closed: () => this.#links.get(id) === port && this.#links.delete(id),
    }
  }
}
