import { type PeerStatistics, type PeerView, StatisticsReader } from '@patchbay/core/mesh'
import type { PeerId } from '@patchbay/protocol'
import { useEffect, useState } from 'react'
import { usePeers } from './hooks.ts'
import { useRoomConnection } from './room-provider.tsx'

/** Intervals of reading statistics, and of checking who speaks, in milliseconds. */
const LOOK_MS = 1_000
const LISTEN_MS = 200
/** Loudness, 0 to 1, at which someone counts as speaking, and how long this lasts after the last sound. */
const SPEAKING = 0.01
const HOLD_MS = 700

/** Statistics of the connection to a peer, read every second while mounted; `undefined` before the first read. */
export function usePeerStatistics(peer: PeerId): PeerStatistics | undefined {
  // The connection comes, and is replaced, with changes of the roster.
  usePeers()
  const pc = useRoomConnection()?.mesh.connectionTo(peer)
  const [statistics, setStatistics] = useState<PeerStatistics>()
  useEffect(() => {
    if (pc === undefined) return
    const reader = new StatisticsReader(pc)
    const stop = repeat(() => reader.read(), setStatistics)
    return () => {
      stop()
      setStatistics(undefined)
    }
  }, [pc])
  return statistics
}

/** Statistics of the connections to everyone, read every second while mounted. */
export function useStatistics(): ReadonlyMap<PeerId, PeerStatistics> {
  const mesh = useRoomConnection()?.mesh
  const [statistics, setStatistics] = useState<ReadonlyMap<PeerId, PeerStatistics>>(new Map())
  useEffect(() => {
    if (mesh === undefined) return
    const readers = new WeakMap<RTCPeerConnection, StatisticsReader>()
    const readOne = async ({ info: { id } }: PeerView) => {
      const connection = mesh.connectionTo(id)
      if (connection === undefined) return []
      const reader = readers.get(connection) ?? new StatisticsReader(connection)
      readers.set(connection, reader)
      return [[id, await reader.read()] as const]
    }
    const readAll = async () => new Map((await Promise.all(mesh.getSnapshot().map(readOne))).flat())
    const stop = repeat(readAll, setStatistics)
    return () => {
      stop()
      setStatistics(new Map())
    }
  }, [mesh])
  return statistics
}

/** Shows what is read, now and every second. @returns a function that stops it. */
function repeat<T>(read: () => Promise<T>, show: (value: T) => void): () => void {
  let isOver = false
  const look = async () => {
    const value = await read()
    if (!isOver) show(value)
  }
  void look()
  const timer = setInterval(() => void look(), LOOK_MS)
  return () => {
    isOver = true
    clearInterval(timer)
  }
}

/** Peers who are currently speaking. */
export function useSpeakers(): ReadonlySet<PeerId> {
  const mesh = useRoomConnection()?.mesh
  const heard = usePeers().some(({ media }) => media.microphone === 'on')
  const [speakers, setSpeakers] = useState<ReadonlySet<PeerId>>(new Set())
  useEffect(() => {
    if (mesh === undefined || !heard) return
    const listeners = new Map<PeerId, LoudnessReader>()
    const lastHeard = new Map<PeerId, number>()
    let shown = true
    const listen = async ({ info, media, stream }: PeerView) => {
      const pc = mesh.connectionTo(info.id)
      if (pc === undefined || media.microphone !== 'on') return
      const known = listeners.get(info.id)
      const reader = known?.pc === pc ? known : new LoudnessReader(pc)
      listeners.set(info.id, reader)
      if ((await reader.read(stream)) >= SPEAKING) lastHeard.set(info.id, performance.now())
    }
    const look = async () => {
      await Promise.all(mesh.getSnapshot().map(listen))
      if (!shown) return
      const ids = new Set(mesh.getSnapshot().map(({ info }) => info.id))
      for (const known of [listeners, lastHeard]) for (const id of known.keys()) if (!ids.has(id)) known.delete(id)
      const now = performance.now()
      const next = [...lastHeard].filter(([, at]) => now - at < HOLD_MS).map(([id]) => id)
      setSpeakers((before) =>
        before.size === next.length && next.every((id) => before.has(id)) ? before : new Set(next),
      )
    }
    const timer = setInterval(() => void look(), LISTEN_MS)
    return () => {
      shown = false
      clearInterval(timer)
      setSpeakers(new Set())
    }
  }, [mesh, heard])
  return speakers
}

/** Measures the loudness of incoming audio on one connection (W3C webrtc-stats §7.3, `totalAudioEnergy`). */
class LoudnessReader {
  readonly pc: RTCPeerConnection
  readonly #before = new Map<RTCRtpReceiver, { readonly energy: number; readonly seconds: number }>()

  constructor(pc: RTCPeerConnection) {
    this.pc = pc
  }

  /**
   * @param stream with the microphone: the sound of a screen that is shared is in another one.
   * @returns the root mean square of the loudest track since the last read, 0 to 1.
   */
  async read(stream: MediaStream | undefined): Promise<number> {
    const tracks = stream?.getAudioTracks() ?? []
    const receivers = this.pc.getReceivers().filter(({ track }) => tracks.includes(track))
    return Math.max(0, ...(await Promise.all(receivers.map((receiver) => this.#readOne(receiver)))))
  }

  async #readOne(receiver: RTCRtpReceiver): Promise<number> {
    // Rejects when the connection is closed meanwhile.
    for (const [, stat] of (await receiver.getStats().catch(() => undefined)) ?? []) {
      const { type, totalAudioEnergy, totalSamplesDuration } = stat as RTCInboundRtpStreamStats
      if (type !== 'inbound-rtp' || totalAudioEnergy === undefined || totalSamplesDuration === undefined) continue
      const before = this.#before.get(receiver)
      this.#before.set(receiver, { energy: totalAudioEnergy, seconds: totalSamplesDuration })
      if (before === undefined || totalSamplesDuration <= before.seconds) return 0
      return Math.sqrt((totalAudioEnergy - before.energy) / (totalSamplesDuration - before.seconds))
    }
    return 0
  }
}
