import type { Dialer } from './connection.ts'
import { DialError } from './dial-error.ts'

/**
 * A dialer whose code is fetched when it is dialed for the first time, so that a page loads only the lines it uses.
 * @param load for example `() => import('./my-transport.ts').then(({ dialMine }) => dialMine({ url }))`.
 */
export function lazyDialer(name: string, load: () => Promise<Dialer>): Dialer & { preload(): Promise<void> } {
  let loading: Promise<Dialer> | undefined
  return {
    name,
    /** Fetches the code ahead: without a network it could not be fetched. */
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
        // The next dial fetches again.
        loading = undefined
        throw new DialError(name, `The code of the line ${name} could not be loaded.`, { cause })
      }
      return dialer.dial(handlers, options)
    },
  }
}
