import type { Store } from '../store.ts'
import type { RosterState } from './room-signaling.ts'

/** @returns what becomes of entering the room, once it is known: until then a client is `joining` or `waiting`. */
export function awaitEntry(membership: Store<RosterState>): Promise<RosterState['status']> {
  return new Promise((resolve) => {
    const look = () => {
      const { status } = membership.getSnapshot()
      if (status === 'joining' || status === 'waiting') return
      stop()
      resolve(status)
    }
    const stop = membership.subscribe(look)
    look()
  })
}
