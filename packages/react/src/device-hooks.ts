import type { Device, DeviceSource, LocalDevices, LocalDevicesState, SourceState } from '@patchbay/core/mesh'
import { useStore } from './use-store.ts'
import { useRoomConnection } from './room-provider.tsx'

/** Camera, microphone and screen, and what changes them. */
export interface DeviceControl {
  readonly state: LocalDevicesState
  readonly devices: LocalDevices
}

/** A source with the devices it can be taken from. */
export interface DeviceSelect {
  readonly source: SourceState
  readonly devices: readonly Device[]
  /** Id of the device in use. */
  readonly active: string | undefined
  /** There are devices, but the browser does not name them before it has a permission. */
  readonly unnamed: boolean
  /** Turns the source on from this device, or moves it there. */
  readonly select: (deviceId: string) => Promise<void>
}

const off: SourceState = { status: 'off' }

/** Devices that belong to no room yet, as in a preview before joining; `undefined` without them. */
export function useLocalDevices(devices: LocalDevices | undefined): DeviceControl | undefined {
  const state = useStore<LocalDevicesState | undefined>(devices, undefined)
  return devices === undefined || state === undefined ? undefined : { state, devices }
}

/** The local camera, microphone and screen of the room; `undefined` until it is open. */
export function useLocalMedia(): DeviceControl | undefined {
  return useLocalDevices(useRoomConnection()?.devices)
}

/** What a menu of microphones or cameras needs. @param media by default that of the room. */
export function useDeviceSelect(source: DeviceSource, media?: DeviceControl): DeviceSelect {
  const ofRoom = useLocalMedia()
  const { state, devices } = media ?? ofRoom ?? {}
  const now = state?.[source] ?? off
  return {
    source: now,
    devices: state?.devices[source] ?? [],
    active: now.status === 'on' ? now.deviceId : undefined,
    unnamed: state?.unnamed[source] ?? false,
    select: async (deviceId) => devices?.turnOn(source, deviceId),
  }
}
