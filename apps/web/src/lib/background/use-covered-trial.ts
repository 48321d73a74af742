import { type LocalDevices, type MediaSink, ProcessedMedia } from '@patchbay/core/mesh'
import { useEffect } from 'react'
import { coverBackground } from './background'

/** A preview has no room: nobody gets anything. */
const nobody: MediaSink = { cameras: 0, set: () => Promise.resolve(), announce: () => {} }

/** Covers the background of a camera that is tried, until a room takes the devices over. */
export function useCoveredTrial(devices: LocalDevices | undefined): void {
  useEffect(() => {
    if (devices === undefined) return undefined
    const tried = new ProcessedMedia(nobody)
    const stop = coverBackground(tried)
    void devices.connect(tried)
    return () => {
      stop()
      tried.dispose()
    }
  }, [devices])
}
