import type { ChannelOptions } from '@patchbay/core/mesh'
import type { PeerId } from '@patchbay/protocol'
import { useChannel, useRoomConnection } from '@patchbay/react'
import { useEffect, useState } from 'react'
import { collectReadings, type Reading, readingSchema } from '@/lib/readings'

const options: ChannelOptions<Reading> = { delivery: 'latest', schema: readingSchema }

/** What devices in the room measure: the newest value of each name. */
export function useReadings(): ReadonlyMap<PeerId, readonly Reading[]> {
  const mesh = useRoomConnection()?.mesh
  const channel = useChannel('reading', options)
  const [readings, setReadings] = useState<ReadonlyMap<PeerId, readonly Reading[]>>(new Map())
  useEffect(() => {
    if (mesh === undefined || channel === undefined) return undefined
    const isHere = (id: PeerId) => mesh.getSnapshot().some(({ info }) => info.id === id)
    const { add, stop } = collectReadings(isHere, setReadings)
    const unsubscribe = channel.onMessage(add)
    return () => {
      unsubscribe()
      stop()
    }
  }, [channel, mesh])
  return readings
}
