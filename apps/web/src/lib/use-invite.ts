import type { RoomId } from '@patchbay/protocol'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { fragmentOf, type Invite, readFragment, rememberedFragment, rememberFragment } from './invite'

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

/** The invite of the current room: from the page's address, or else from this tab's last visit. Browser only. */
export function useInvite(room: RoomId): Invite {
  const fragment = useSyncExternalStore(
    subscribe,
    () => fragmentOf(location.hash) || rememberedFragment(room),
    () => '',
  )
  useEffect(() => {
    // `undefined` in the first render, as on the server.
    if (fragment !== '') rememberFragment(room, fragment)
  }, [room, fragment])
  return useMemo(() => readFragment(room, fragment), [room, fragment])
}
