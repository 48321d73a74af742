import type { RoomId } from '@patchbay/protocol'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { fragmentOf, type Invite, readFragment, rememberedFragment, rememberFragment } from './invite'

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

/**
 * The invite of the current room: from the page's address, or else from what this tab has remembered, which is put into the
 * address again. Browser only.
 */
export function useInvite(room: RoomId): Invite {
  const fragment = useSyncExternalStore(
    subscribe,
    () => fragmentOf(location.hash) || rememberedFragment(room),
    () => '',
  )
  useEffect(() => {
    // Empty in the first render, as on the server.
    if (fragment === '') return
    rememberFragment(room, fragment)
    if (fragmentOf(location.hash) === '') history.replaceState(null, '', `#${fragment}`)
  }, [room, fragment])
  return useMemo(() => readFragment(room, fragment), [room, fragment])
}
