import { isChannelName, MAX_APP_BYTES, payloadOf, type PeerId } from '@patchbay/protocol'
import { InvalidFieldError } from '../../signaling/index.ts'
import type { Feature, LinkFeature, LinkPort } from '../feature.ts'
import { AppChannel, type AppChannelPort, type ChannelOptions } from './app-channel.ts'
import { AppLink } from './app-link.ts'

/** The channels of an application: its own data, between the members of a room. */
export class AppChannels implements Feature<never> {
  readonly name = 'channels'
  readonly handles = [] as const
  readonly #links = new Map<PeerId, AppLink>()
  readonly #channels = new Map<string, Set<AppChannelPort>>()

  /** See `Mesh.channel`. */
  open<T, R>(name: string, options: ChannelOptions<T>, isLeft: () => boolean = () => false): AppChannel<T, R> {
    if (!isChannelName(name)) throw new InvalidFieldError('channel', '1 to 64 letters, digits and `_.:-`')
    return new AppChannel<T, R>(name, options, { links: this.#links, isLeft }, (own) => {
      const ports = this.#channels.get(name) ?? new Set()
      this.#channels.set(name, ports.add(own))
      return () => {
        ports.delete(own)
        if (ports.size === 0 && this.#channels.get(name) === ports) this.#channels.delete(name)
      }
    })
  }

  attach(port: LinkPort): LinkFeature<never> {
    const drained = () => {
      for (const channels of this.#channels.values()) for (const channel of channels) channel.drained()
    }
    const link = new AppLink(port, {
      message: (from, name, value) => {
        for (const channel of this.#channels.get(name) ?? []) channel.take(value, from)
      },
      request: async (from, name, value, signal) => {
        const channel = [...(this.#channels.get(name) ?? [])].find((one) => one.answers())
        if (channel === undefined) return 'unsupported'
        try {
          const payload = payloadOf((await channel.answer(value, from, signal)) ?? null)
          return payload === undefined || payload.payload.length > MAX_APP_BYTES ? 'failed' : payload
        } catch {
          return 'failed'
        }
      },
      drained,
      closed: (closed) => {
        if (this.#links.get(closed.peer) === closed) this.#links.delete(closed.peer)
        drained()
      },
    })
    this.#links.set(link.peer, link)
    return link
  }
}
