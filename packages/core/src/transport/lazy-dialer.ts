import type { Dialer } from './connection.ts'
import { DialError } from './dial-error.ts'
import { untilAborted } from './until-aborted.ts'

/**
 * A dialer whose code is loaded on the first dial, so that a page loads only the transports it uses.
 * @param load for example `() => import('./my-transport.ts').then(({ dialMine }) => dialMine({ url }))`.
 */
export function lazyDialer(name: string, load: () => Promise<Dialer>): Dialer & { preload(): Promise<void> } {
  let loading: Promise<Dialer> | undefined
  const loaded = () =>
    (loading ??= load().catch((error: unknown) => {
      // The next dial retries the load.
      loading = undefined
      throw error
    }))
  return {
    name,
    /** Loads the code in advance: it cannot be loaded while the network is down. */
    async preload() {
      await loaded().catch(() => {})
    },
    async dial(handlers, options) {
      options.signal.throwIfAborted()
      let dialer: Dialer
      try {
        dialer = await untilAborted(loaded(), options.signal)
      } catch (cause) {
        options.signal.throwIfAborted()
        throw new DialError(name, `The code of the line ${name} could not be loaded.`, { cause })
      }
      return dialer.dial(handlers, options)
    },
  }
}
