import { type PeerStatistics, StatisticsReader } from '@patchbay/core/mesh'
import type { PeerId } from '@patchbay/protocol'
import { useRoomConnection } from '@patchbay/react'
import { useEffect, useState } from 'react'

/** Between two reads, in milliseconds. */
const LOOK_MS = 1_000

/** Statistics of the connections to everyone, read every second while mounted. */
export function useCallStatistics(): ReadonlyMap<PeerId, PeerStatistics> {
  const mesh = useRoomConnection()?.mesh
  const [statistics, setStatistics] = useState<ReadonlyMap<PeerId, PeerStatistics>>(new Map())
  useEffect(() => {
    if (mesh === undefined) return undefined
    const readers = new WeakMap<RTCPeerConnection, StatisticsReader>()
    let isShown = true
    const look = async () => {
      const connections = mesh.getSnapshot().flatMap(({ info }) => {
        const connection = mesh.connectionTo(info.id)
        return connection === undefined ? [] : [{ id: info.id, connection }]
      })
      const read = connections.map(async ({ id, connection }) => {
        const reader = readers.get(connection) ?? new StatisticsReader(connection)
        readers.set(connection, reader)
        return [id, await reader.read()] as const
      })
      const all = new Map(await Promise.all(read))
      if (isShown) setStatistics(all)
    }
    void look()
    const timer = setInterval(() => void look(), LOOK_MS)
    return () => {
      isShown = false
      clearInterval(timer)
    }
  }, [mesh])
  return statistics
}
