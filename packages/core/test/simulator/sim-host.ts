import { createHostKey, type HostKey, type PeerId } from '@patchbay/protocol'
import type { Mesh } from '../../src/mesh/index.ts'
import type { Moderation } from '../../src/signaling/index.ts'

/** The part of a page that hosts use. */
interface Hosted {
  readonly name: string
  readonly id: PeerId
  readonly open: { readonly mesh: Mesh } | undefined
}

const moderationOf = ({ open }: Hosted): Moderation | undefined => open?.mesh.membership.moderation

/** A host, the first of the pages, who lets everybody in that knocks, and in the end everybody that it has removed. */
export class SimHost {
  readonly key: HostKey = createHostKey()
  readonly #pages: readonly Hosted[]

  constructor(pages: readonly Hosted[]) {
    this.#pages = pages
  }

  /** Its page was opened. */
  opened(mesh: Mesh): void {
    const { moderation } = mesh.membership
    moderation?.subscribe(() => {
      for (const { id } of moderation.getSnapshot().knocking) moderation.admit(id)
    })
  }

  lock(locked: boolean): void {
    this.#moderation?.lock(locked)
  }

  remove(who: number): void {
    const page = this.#pages[who]
    if (who !== 0 && page !== undefined) this.#moderation?.remove(page.id)
  }

  /** @returns those that are out; they may come in again once they ask. */
  pardon(): readonly Hosted[] {
    const out = this.#pages.filter(({ open }) => open?.mesh.membership.getSnapshot().status === 'refused')
    for (const { id } of out) this.#moderation?.admit(id)
    return out
  }

  /** @returns who is a host and is none, or the other way round, and who does not know whether the room is locked. */
  problems(): string[] {
    const isLocked = this.#moderation?.getSnapshot().isLocked
    return this.#pages.flatMap((page) => {
      const state = moderationOf(page)?.getSnapshot()
      if (state === undefined) return []
      const isHost = page === this.#pages[0]
      return [
        ...(state.isHost === isHost ? [] : [`${page.name} is ${isHost ? 'no' : 'a'} host`]),
        ...(state.isLocked === isLocked
          ? []
          : [`${page.name} takes the room for ${isLocked === true ? 'open' : 'locked'}`]),
      ]
    })
  }

  get #moderation(): Moderation | undefined {
    const [host] = this.#pages
    return host && moderationOf(host)
  }
}
