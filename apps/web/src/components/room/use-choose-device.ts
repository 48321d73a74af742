import type { DeviceSource, LocalDevices } from '@patchbay/core/mesh'
import { useCallback } from 'react'
import { rememberDevice } from '@/lib/devices'
import { addToast } from '@/lib/toasts'
import { useMediaFailure } from '@/lib/use-media-failure'

/** What was chosen last. */
const newest = new WeakMap<LocalDevices, Partial<Record<DeviceSource, string>>>()

/**
 * A function that uses another camera or microphone, and remembers it once it is in use. Where the one before stays, it says so;
 * where neither is on any more, the room does.
 */
export function useChooseDevice(): (devices: LocalDevices, source: DeviceSource, id: string) => Promise<void> {
  const describe = useMediaFailure()
  return useCallback(
    async (devices, source, id) => {
      newest.set(devices, { ...newest.get(devices), [source]: id })
      await devices.turnOn(source, id)
      const now = devices.getSnapshot()[source]
      if (now.status !== 'on' || newest.get(devices)?.[source] !== id) return
      // A browser may not tell which one it is.
      if (now.deviceId === id || now.deviceId === undefined) return rememberDevice(source, id)
      const { title, text } = describe(source, 'failed')
      addToast({ title, description: text, type: 'error', priority: 'high' })
    },
    [describe],
  )
}
