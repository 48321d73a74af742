import type { RoomId } from '@patchbay/protocol'
import { useRoomConnection } from '@patchbay/react'
import { useRouter } from 'next/navigation'
import { useEffect, useRef } from 'react'
import { laterCode } from '@/lib/later-code'

/** Hook. @returns leaves the room, and then its page, as soon as what was recorded is saved. */
export function useLeave(room: RoomId): () => void {
  const router = useRouter()
  const connection = useRoomConnection()
  const finishRecording = laterCode.useLoaded()?.finishRecording
  const isHere = useRef(false)
  const isLeaving = useRef(false)
  useEffect(() => {
    isHere.current = true
    return () => void (isHere.current = false)
  }, [])
  const leave = async () => {
    if (isLeaving.current) return
    isLeaving.current = true
    // While the page's own server is down the router loads the next page anew: what is not saved by then is lost.
    const saved = finishRecording?.()
    connection?.leave()
    await saved
    isLeaving.current = false
    // Whoever goes back meanwhile may be in another room.
    if (isHere.current) router.push(`/?left=${room}`)
  }
  return () => void leave()
}
