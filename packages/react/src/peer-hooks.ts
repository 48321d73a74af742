import { type PeerStatistics, StatisticsReader } from '@patchbay/core/mesh'
import type { PeerId } from '@patchbay/protocol'
import { useEffect, useState } from 'react'
import { usePeers } from './hooks.ts'
import { useRoomConnection } from './room-provider.tsx'

/** Between two looks at statistics, and at who speaks, in milliseconds. */
const LOOK_MS = 1_000
const LISTEN_MS = 200
/** Loudness, 0 to 1, from which someone counts as speaking, and how long they do so after the last sound. */
const SPEAKING = 0.02
const HOLD_MS = 700

/** How the connection to a peer does, read every second while something shows it; `undefined` until it is known. */
export function usePeerStatistics(peer: PeerId): PeerStatistics | undefined {
  const pc = useRoomConnection()?.mesh.connectionTo(peer)
  const [statistics, setStatistics] = useState<PeerStatistics>()
  useEffect(() => {
    if (pc === undefined) return
    const reader = new StatisticsReader(pc)
    let shown = true
    const look = async () => {
      const read = await reader.read()
      if (shown) setStatistics(read)
    }
    void look()
    const timer = setInterval(() => void look(), LOOK_MS)
    return () => {
      shown = false
      clearInterval(timer)
    }
  }, [pc])
  return statistics
}

/** Peers who speak just now. */
export function useSpeakers(): ReadonlySet<PeerId> {
  const mesh = useRoomConnection()?.mesh
  const heard = usePeers().some(({ media }) => media.microphone === 'on')
  const [speakers, setSpeakers] = useState<ReadonlySet<PeerId>>(new Set())
  useEffect(() => {
    if (mesh === undefined || !heard) return
    const lastHeard = new Map<PeerId, number>()
    const listen = () => {
      const now = performance.now()
      for (const { info, media } of mesh.getSnapshot()) {
        const loud = loudnessOf(mesh.connectionTo(info.id)) >= SPEAKING
        if (loud && media.microphone === 'on') lastHeard.set(info.id, now)
      }
      const next = [...lastHeard].filter(([, at]) => now - at < HOLD_MS).map(([id]) => id)
      setSpeakers((before) =>
        before.size === next.length && next.every((id) => before.has(id)) ? before : new Set(next),
      )
    }
    const timer = setInterval(listen, LISTEN_MS)
    return () => {
      clearInterval(timer)
      setSpeakers(new Set())
    }
  }, [mesh, heard])
  return speakers
}

/** The loudest sound that comes in on a connection now, 0 to 1 (W3C WebRTC §5.3.1). */
function loudnessOf(pc: RTCPeerConnection | undefined): number {
  const receivers = pc?.getReceivers().filter(({ track }) => track.kind === 'audio') ?? []
  return Math.max(
    0,
    ...receivers.flatMap((receiver) => receiver.getSynchronizationSources().map(({ audioLevel }) => audioLevel ?? 0)),
  )
}
