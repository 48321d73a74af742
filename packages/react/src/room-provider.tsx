import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react'
import { openRoom, type RoomConnection, type RoomOptions } from './room-connection.ts'

const RoomContext = createContext<RoomConnection | undefined>(undefined)

/**
 * Joins the room while it is mounted and leaves it when it is not. Nothing happens on the server; a mount that is
 * undone at once, as StrictMode does, opens nothing. Options are read at mount: give the provider a `key` to change them.
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
  return <RoomContext value={connection}>{children}</RoomContext>
}

/** The open room, or `undefined` on the server and before the first effect. */
export function useRoomConnection(): RoomConnection | undefined {
  return useContext(RoomContext)
}
