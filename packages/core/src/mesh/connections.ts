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
  /** Those servers that the platform can use, where it throws for one of the named. */
  #usable: { readonly named: readonly IceServer[]; readonly servers: RTCIceServer[] } | undefined
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
    const named = iceServers.getSnapshot()
    const servers = this.#usable?.named === named ? this.#usable.servers : serversOf(named)
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
      this.#with((configuration) => pc.setConfiguration(configuration))
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

  #make(): RTCPeerConnection {
    return this.#with((configuration) => this.#options.createPeerConnection(configuration))
  }

  /** Where the platform throws for the servers that are named, uses those for which it does not. @throws what `use` throws for these. */
  #with<T>(use: (configuration: RTCConfiguration) => T): T {
    const named = this.#options.iceServers.getSnapshot()
    try {
      return use(this.#configuration)
    } catch (error) {
      if (this.#usable?.named === named) throw error
      this.#usable = { named, servers: this.#filter(serversOf(named)) }
      return use(this.#configuration)
    }
  }

  #filter(servers: RTCIceServer[]): RTCIceServer[] {
    const areUsable = (iceServers: RTCIceServer[]) => {
      try {
        this.#options.createPeerConnection({ iceServers }).close()
        return true
      } catch {
        return false
      }
    }
    if (areUsable(servers)) return servers
    const single = servers.flatMap((server) => [server.urls].flat().map((urls) => ({ ...server, urls })))
    return single.filter((server) => areUsable([server]))
  }
}

/** The platform's types require mutable arrays. */
const serversOf = (named: readonly IceServer[]): RTCIceServer[] =>
  named.map((server) => ({ ...server, urls: [...server.urls] }))
