import type { PeerId } from '@patchbay/protocol'
import type { LinkPort } from '../../src/mesh/index.ts'
import { PeerBudgets } from '../../src/mesh/peer-budgets.ts'
import type { Clock } from '../../src/transport/index.ts'

/** What the ports of links with one peer count, as those of a mesh do. */
export function counting(clock: Clock): Pick<LinkPort, 'clock' | 'accepts'> {
  const budgets = new PeerBudgets()
  return { clock, accepts: (name, rate, size) => budgets.take('peer' as PeerId, name, rate, size, clock.now()) }
}
