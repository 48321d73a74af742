import { type JoinOptions, joinRoom, type Room } from '@patchbay/room'
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react'

const RoomContext = createContext<Room | undefined>(undefined)

/**
 * Joins the room on mount and leaves it on unmount. Does nothing during server rendering; a mount that is undone at
 * once, as in StrictMode, opens nothing. Options are read on mount: give the provider a different `key` to change them.
 * What `joinRoom` throws, the nearest error boundary gets. A page that goes away leaves its room; when the browser shows it
 * again as it was, after Back or Forward, it joins anew if it was in the room until then.
 */
export function RoomProvider({
  options,
  children,
}: {
  readonly options: JoinOptions
  readonly children: ReactNode
}): ReactNode {
  const [connection, setConnection] = useState<Room>()
  const atMount = useRef(options)
  const room = useRef<Room>(undefined)
  const [visit, setVisit] = useState(0)
  useEffect(() => {
    let wasOpen = false
    // Before the room's own listener, which leaves it.
    const away = () => (wasOpen = (room.current?.line.getSnapshot().status ?? 'closed') !== 'closed')
    const back = ({ persisted }: PageTransitionEvent) => persisted && wasOpen && setVisit((before) => before + 1)
    window.addEventListener('pagehide', away)
    window.addEventListener('pageshow', back)
    return () => {
      window.removeEventListener('pagehide', away)
      window.removeEventListener('pageshow', back)
    }
  }, [])
  useEffect(() => {
    let opened: Room | undefined
    const timer = setTimeout(() => {
      try {
        opened = joinRoom(atMount.current)
        room.current = opened
        setConnection(opened)
      } catch (error) {
        // For the nearest error boundary.
        setConnection(() => {
          throw error
        })
      }
    })
    return () => {
      clearTimeout(timer)
      opened?.leave()
      setConnection(undefined)
    }
  }, [visit])
  return <RoomContext.Provider value={connection}>{children}</RoomContext.Provider>
}

/** The open room, or `undefined` on the server and before the first effect. */
export function useRoomConnection(): Room | undefined {
  return useContext(RoomContext)
}
