import { type Dialer, DialError } from '@patchbay/core/transport'
import type { MemoryAddress } from './wire.ts'

/**
 * Dials the listener at `address`, in the same process.
 * @throws {DialError} from `dial`, when nothing listens there.
 */
export function dialMemory(address: MemoryAddress): Dialer {
  return {
    name: 'memory',
    async dial(handlers, { signal }) {
      signal.throwIfAborted()
      await Promise.resolve()
      signal.throwIfAborted()
      const connection = address.connect(handlers)
      if (connection === undefined) throw new DialError('memory', 'Nothing listens at this address.')
      return connection
    },
  }
}

export { MemoryAddress } from './wire.ts'
