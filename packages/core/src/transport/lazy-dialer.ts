import type { Dialer } from './connection.ts'
import { DialError } from './dial-error.ts'

/**
 * A dialer whose code is loaded on the first dial, so that a page loads only the transports it uses.
 * @param load for example `() => import('./my-transport.ts').then(({ dialMine }) => dialMine({ url }))`.
 */
export function lazyDialer(name: string, load: () => Promise<Dialer>): Dialer & { preload(): Promise<void> } {
  let loading: Promise<Dialer> | undefined
  return {
    name,
    /** Loads the code in advance: it cannot be loaded while the network is down. */
    async preload() {
      loading ??= load()
      await loading.catch(() => (loading = undefined))
    },
    async dial(handlers, options) {
      options.signal.throwIfAborted()
      loading ??= load()
      let dialer: Dialer
      try {
        dialer = await loading
      } catch (cause) {
        // The next dial retries the load.
        loading = undefined
        throw new DialError(name, `The code of the line ${name} could not be loaded.`, { cause })
      }
      return dialer.dial(handlers, options)
    },
  }
}
