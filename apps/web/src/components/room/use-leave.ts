import type { RoomId } from '@patchbay/protocol'
import { useRoomConnection } from '@patchbay/react'
import { useRouter } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { laterCode } from '@/lib/later-code'

/** Hook. `leave` leaves the room, and then its page, as soon as what was recorded is saved; `isLeaving` from then on. */
export function useLeave(room: RoomId): { readonly leave: () => void; readonly isLeaving: boolean } {
  const router = useRouter()
  const connection = useRoomConnection()
  const finishRecording = laterCode.useLoaded()?.finishRecording
  const isHere = useRef(false)
  const [isLeaving, setLeaving] = useState(false)
  useEffect(() => {
    isHere.current = true
    return () => void (isHere.current = false)
  }, [])
  const leave = async () => {
    setLeaving(true)
    // While the page's own server is down the router loads the next page anew: what is not saved by then is lost.
    const saved = finishRecording?.()
    connection?.leave()
    await saved
    // Whoever goes back meanwhile may be in another room.
    if (isHere.current) router.push(`/?left=${room}`)
  }
  return { leave: () => void leave(), isLeaving }
}
