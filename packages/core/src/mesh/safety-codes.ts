import type { PeerId } from '@patchbay/protocol'
import type { Feature, LinkFeature, LinkPort, MessageOf } from './feature.ts'
import { SafetyCheck } from './safety-check.ts'

type SafetyMessage = MessageOf<'safety_commit' | 'safety_reveal'>

/** The codes that people compare to find a man in the middle. */
export class SafetyCodes implements Feature<SafetyMessage> {
  readonly name = 'safety'
  readonly handles = ['safety_commit', 'safety_reveal'] as const
  readonly #checks = new Map<PeerId, { readonly port: LinkPort; readonly check: SafetyCheck }>()

  /** Requests the code to compare with a member. It appears in the member's view here and in our view there. */
  begin(peer: PeerId): void {
    const { port, check } = this.#checks.get(peer) ?? {}
    if (port?.isOpen === true) check?.begin()
  }

  /** The code to compare with a member, once either end has requested it. */
  codeOf(peer: PeerId): string | undefined {
    return this.#checks.get(peer)?.check.code
  }

  attach(port: LinkPort): LinkFeature<SafetyMessage> {
    const check = new SafetyCheck(port)
    this.#checks.set(port.peer.id, { port, check })
    return {
      receive: (message) => check.receive(message),
      closed: () => void this.#checks.delete(port.peer.id),
    }
  }
}
