import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react'
import { openRoom, type RoomConnection, type RoomOptions } from './room-connection.ts'

const RoomContext = createContext<RoomConnection | undefined>(undefined)

/**
 * Joins the room on mount and leaves it on unmount. Does nothing during server rendering; a mount that is undone at
 * once, as in StrictMode, opens nothing. Options are read on mount: give the provider a different `key` to change them.
 */
export function RoomProvider({
  options,
  children,
}: {
  readonly options: RoomOptions
  readonly children: ReactNode
}): ReactNode {
  const [connection, setConnection] = useState<RoomConnection>()
  const atMount = useRef(options)
  useEffect(() => {
    let opened: RoomConnection | undefined
    const timer = setTimeout(() => {
      opened = openRoom(atMount.current)
      setConnection(opened)
    })
    return () => {
      clearTimeout(timer)
      opened?.close()
      setConnection(undefined)
    }
  }, [])
  return <RoomContext.Provider value={connection}>{children}</RoomContext.Provider>
}

/** The open room, or `undefined` on the server and before the first effect. */
export function useRoomConnection(): RoomConnection | undefined {
  return useContext(RoomContext)
}
