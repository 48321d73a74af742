import type { RoomId } from '@patchbay/protocol'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { type Invite, readFragment, rememberedFragment, rememberFragment } from './invite'

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

/** The invite by which this page is in a room: its address says it, or the last time in this tab. Browser only. */
export function useInvite(room: RoomId): Invite {
  const fragment = useSyncExternalStore(
    subscribe,
    () => location.hash.slice(1) || rememberedFragment(room),
    () => '',
  )
  useEffect(() => {
    // The first render has none, like the server's.
    if (fragment !== '') rememberFragment(room, fragment)
  }, [room, fragment])
  return useMemo(() => readFragment(room, fragment), [room, fragment])
}
