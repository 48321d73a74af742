import { createStore } from '@patchbay/core/store'
import type { PeerId } from '@patchbay/protocol'
import { useSyncExternalStore } from 'react'
import { read, tab, write } from './storage'

/** How loud someone is on this page. */
export interface Volume {
  /** 0 to 1. */
  readonly level: number
  readonly isMuted: boolean
}

const usual: Volume = { level: 1, isMuted: false }
const KEY = 'patchbay.volumes'
const volumes = createStore<ReadonlyMap<PeerId, Volume>>(typeof window === 'undefined' ? new Map() : keptVolumes())
const nobody: ReadonlyMap<PeerId, Volume> = new Map()

/** How loud someone is on this page, and a function that changes it. Nobody else hears a difference. */
export function useVolume(peer: PeerId | undefined): readonly [Volume, (change: Partial<Volume>) => void] {
  const all = useSyncExternalStore(volumes.subscribe, volumes.getSnapshot, () => nobody)
  const volume = (peer && all.get(peer)) ?? usual
  return [
    volume,
    (change) => {
      if (peer === undefined) return
      const changed = new Map(volumes.getSnapshot()).set(peer, { ...volume, ...change })
      volumes.set(changed)
      // Peers keep their ids as long as their tabs: so does this one.
      write(tab, KEY, JSON.stringify([...changed]))
    },
  ]
}

/** @returns what the page had before it was reloaded, as far as it can be read. */
function keptVolumes(): ReadonlyMap<PeerId, Volume> {
  try {
    const kept = JSON.parse(read(tab, KEY) ?? '[]') as [PeerId, Volume][]
    return new Map(kept.filter(([, { level, isMuted }]) => level >= 0 && level <= 1 && typeof isMuted === 'boolean'))
  } catch {
    return new Map()
  }
}
