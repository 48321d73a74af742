import { SEALED_NAME } from '@patchbay/core/mesh'
import { cleanName, type RoomId } from '@patchbay/protocol'
import { useEffect, useState } from 'react'
import { useSignalingServer } from './use-lines'

/** Between two looks, in milliseconds. */
const LOOK_MS = 5_000

/** Who is in a room that this page has not joined. */
export interface RoomPreview {
  readonly people: number
  /** Of some of them; in a sealed room the server knows none. */
  readonly names: readonly string[]
  /** Empty where the room has none. */
  readonly title: string
}

/** Asks the server who is in a room, while mounted; `undefined` where it does not say. */
export function useRoomPreview(room: RoomId): RoomPreview | undefined {
  const server = useSignalingServer()
  const [preview, setPreview] = useState<RoomPreview>()
  useEffect(() => {
    const stop = new AbortController()
    const look = async () => {
      try {
        const response = await fetch(`${server}/rooms/${room}`, { signal: stop.signal })
        if (response.ok) setPreview(readPreview(await response.json()))
        // This server does not say, or not to this page.
        else if (response.status === 403 || response.status === 404) clearInterval(timer)
      } catch {
        // It cannot be reached, or the page is left: what was seen last stays.
      }
    }
    const timer = setInterval(() => document.hidden || void look(), LOOK_MS)
    void look()
    return () => {
      clearInterval(timer)
      stop.abort()
    }
  }, [server, room])
  return preview
}

/** @returns `undefined` for an answer in no known form. */
export function readPreview(answer: unknown): RoomPreview | undefined {
  const { people, names, title } = (answer ?? {}) as Partial<Record<keyof RoomPreview, unknown>>
  if (typeof people !== 'number' || !Array.isArray(names)) return undefined
  const shown = names.filter((name): name is string => typeof name === 'string').map(cleanName)
  return {
    people,
    names: shown.filter((name) => name !== '' && name !== SEALED_NAME),
    title: typeof title === 'string' ? cleanName(title) : '',
  }
}
