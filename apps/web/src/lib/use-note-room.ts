import { useEffect } from 'react'
import { site } from '@/site'
import { rememberRoom } from './identity'
import type { Invite } from './invite'
import { createLazyCode } from './lazy-code'

const code = createLazyCode(() => import('./recent-rooms'))

/** Notes that someone is in a room, for the start page. @param title the room's; `undefined` if it has none. */
export function useNoteRoom({ room, key }: Invite, title: string | undefined, isJoined: boolean): void {
  const isSealed = key !== undefined
  useEffect(() => {
    if (!isJoined) return
    rememberRoom(room)
    if (!site.features.recentRooms) return
    const note = async () => (await code.load()).noteRoom({ room, title, isSealed, at: Date.now() })
    // Whoever leaves before the code is there was in the room all the same; without the code it is not noted.
    note().catch(() => {})
  }, [room, title, isSealed, isJoined])
}
