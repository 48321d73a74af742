import { type DeviceKind, LocalDevices } from '@patchbay/core/mesh'
import { createStore } from '@patchbay/core/store'
import { useSyncExternalStore } from 'react'
import { browser, read, write } from './storage'

const keyOf = (kind: DeviceKind) => `patchbay.${kind}`

/** Id of the device that this person chose last. */
export function rememberedDevice(kind: DeviceKind): string | undefined {
  return read(browser, keyOf(kind))
}

/** Stores the choice for the next room. */
export function rememberDevice(kind: DeviceKind, id: string): void {
  write(browser, keyOf(kind), id)
}

/** Camera and microphone, of which none is on yet: the ones this person chose last. */
export function createDevices(): LocalDevices {
  const devices = new LocalDevices(navigator.mediaDevices)
  for (const source of ['camera', 'microphone'] as const) {
    const id = rememberedDevice(source)
    if (id !== undefined) devices.prefer(source, id)
  }
  return devices
}

const speaker = createStore(rememberedDevice('speaker'))
const systemsOwn = () => undefined

/** Id of the speaker that this person chose; `undefined` for the system's own. */
export const chosenSpeaker = (): string | undefined => speaker.getSnapshot()

/** Where the sound of the call comes from: the id of a device, or `undefined` for the system's own; and what changes it. */
export function useSpeaker(): readonly [string | undefined, (id: string) => void] {
  const id = useSyncExternalStore(speaker.subscribe, speaker.getSnapshot, systemsOwn)
  return [
    id,
    (next) => {
      rememberDevice('speaker', next)
      speaker.set(next)
    },
  ]
}

/** Whether pages may choose where their sound comes from in this browser. */
export const canChooseSpeaker = (): boolean => 'setSinkId' in HTMLMediaElement.prototype

/** Has an element play through a speaker; where that one is gone, it goes on with the one it has. */
export function playThrough(element: HTMLMediaElement | null, id: string | undefined): void {
  if (element !== null && canChooseSpeaker()) element.setSinkId(id ?? '').catch(() => {})
}
