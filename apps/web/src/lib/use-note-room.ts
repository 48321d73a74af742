import { useEffect } from 'react'
import { site } from '@/site'
import type { Invite } from './invite'
import { laterCode } from './later-code'

/** Notes that someone is in a room, for the start page. @param title the room's; `undefined` if it has none. */
export function useNoteRoom({ room, key }: Invite, title: string | undefined, isJoined: boolean): void {
  const isSealed = key !== undefined
  const note = laterCode.useLoaded()?.noteRoom
  useEffect(() => {
    if (isJoined && site.features.recentRooms) note?.({ room, title, isSealed, at: Date.now() })
  }, [room, title, isSealed, isJoined, note])
}
