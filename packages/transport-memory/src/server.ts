import type { Listener } from '@patchbay/core/transport'
import type { MemoryAddress } from './wire.ts'

/** Listens at `address` for dialers in the same process. */
export function listenMemory(address: MemoryAddress): Listener {
  return {
    name: 'memory',
    listen: (accept) => address.open(accept),
    async close() {
      address.close()
    },
  }
}
