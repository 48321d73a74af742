import type { IceServer } from '@patchbay/protocol'
import type { Store } from '../store.ts'
import type { CreatePeerConnection } from './peer-link.ts'

/** What the connections of a mesh are made with. */
export interface ConnectionsOptions {
  readonly createPeerConnection: CreatePeerConnection
  readonly iceServers: Store<readonly IceServer[]>
  readonly relayOnly: boolean
}

/**
 * Makes the connections of a mesh with the credentials of the moment. The first one is made ahead, while the line is still
 * being dialed: it takes milliseconds, and in a page that has had none much longer.
 */
export class Connections {
  readonly #options: ConnectionsOptions
  #spare: { readonly pc: RTCPeerConnection; readonly servers: readonly IceServer[] } | undefined

  constructor(options: ConnectionsOptions) {
    this.#options = options
    try {
      this.#spare = { pc: this.#make(), servers: options.iceServers.getSnapshot() }
    } catch {
      // A runtime without WebRTC: the room can be joined and seen all the same.
    }
  }

  /** Configuration of a connection (W3C WebRTC §4.2.1). */
  get #configuration(): RTCConfiguration {
    const { iceServers, relayOnly } = this.#options
    // The platform's types require mutable arrays.
    const servers = iceServers.getSnapshot().map((server) => ({ ...server, urls: [...server.urls] }))
    return { bundlePolicy: 'max-bundle', iceServers: servers, iceTransportPolicy: relayOnly ? 'relay' : 'all' }
  }

  /** A new connection. */
  take(): RTCPeerConnection {
    const spare = this.#spare
    this.#spare = undefined
    if (spare === undefined) return this.#make()
    if (spare.servers === this.#options.iceServers.getSnapshot()) return spare.pc
    if (this.configure(spare.pc)) return spare.pc
    spare.pc.close()
    return this.#make()
  }

  /**
   * Gives a connection that was made the credentials of the moment. They apply from the next ICE restart; existing relay
   * allocations keep theirs. @returns whether it has them: not every platform changes one that was made, and none one that
   * is closed.
   */
  configure(pc: RTCPeerConnection): boolean {
    try {
      pc.setConfiguration(this.#configuration)
      return true
    } catch {
      return false
    }
  }

  /** Closes what was made ahead. */
  close(): void {
    this.#spare?.pc.close()
    this.#spare = undefined
  }

  /** Where the platform throws for what is named, with those servers only for which it does not. */
  #make(): RTCPeerConnection {
    const { createPeerConnection: create } = this.#options
    const configuration = this.#configuration
    try {
      return create(configuration)
    } catch {
      const servers = configuration.iceServers?.flatMap((server) =>
        [server.urls].flat().map((urls) => ({ ...server, urls })),
      )
      const iceServers = servers?.filter((server) => {
        try {
          create({ iceServers: [server] }).close()
          return true
        } catch {
          return false
        }
      })
      return create({ ...configuration, iceServers: iceServers ?? [] })
    }
  }
}
