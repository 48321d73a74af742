import { createStore } from '@patchbay/core/store'
import type { PeerId } from '@patchbay/protocol'
import { useSyncExternalStore } from 'react'

/** How loud someone is on this page. */
export interface Volume {
  /** 0 to 1. */
  readonly level: number
  readonly isMuted: boolean
}

const usual: Volume = { level: 1, isMuted: false }
const volumes = createStore<ReadonlyMap<PeerId, Volume>>(new Map())
const nobody: ReadonlyMap<PeerId, Volume> = new Map()

/** How loud someone is on this page, and a function that changes it. Nobody else hears a difference. */
export function useVolume(peer: PeerId | undefined): readonly [Volume, (change: Partial<Volume>) => void] {
  const all = useSyncExternalStore(volumes.subscribe, volumes.getSnapshot, () => nobody)
  const volume = (peer && all.get(peer)) ?? usual
  return [
    volume,
    (change) => {
      if (peer !== undefined) volumes.set(new Map(volumes.getSnapshot()).set(peer, { ...volume, ...change }))
    },
  ]
}
