import { useHands, useLocalMedia } from '@patchbay/react'
import { useEffect, useRef } from 'react'
import { type Held, isMutedAfter } from '@/lib/push-to-talk'
import { shortcutOf, singleKeys } from '@/lib/shortcuts'

/** Keys that do something in the room, unless the person is typing: see `shortcuts`. */
export function useCallKeys(keys: {
  readonly onHelp: () => void
  readonly onTrace: () => void
  readonly onFloat: (() => void) | undefined
}): void {
  const { onHelp, onTrace, onFloat } = keys
  const media = useLocalMedia()
  const { own, raise } = useHands()
  const areOn = singleKeys.use()
  const held = useRef<Held>(undefined)
  useEffect(() => {
    if (!areOn || media === undefined) return undefined
    const { devices, state } = media
    const { microphone, camera } = state
    // A stray key must not make anyone heard or seen who was neither.
    const isSending = microphone.status === 'on' || camera.status === 'on'
    const press = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : null
      const { key, ctrlKey, altKey, metaKey, repeat } = event
      // A key that is held down repeats itself, and would scroll the page.
      if (key === ' ' && held.current !== undefined) return event.preventDefault()
      switch (shortcutOf({ key, ctrlKey, altKey, metaKey, repeat, target })) {
        case 'talk':
          if (microphone.status !== 'on') return
          event.preventDefault()
          held.current = { sinceMs: event.timeStamp, wasMuted: microphone.muted }
          return devices.setMuted(false)
        case 'microphone':
          if (!isSending) return
          if (microphone.status === 'on') devices.setMuted(!microphone.muted)
          else void devices.turnOn('microphone')
          return
        case 'camera':
          if (!isSending) return
          return void (camera.status === 'on' ? devices.turnOff('camera') : devices.turnOn('camera'))
        case 'hand':
          return raise(!own)
        case 'float':
          return onFloat?.()
        case 'trace':
          return onTrace()
        case 'help':
          return onHelp()
        case undefined:
          return
      }
    }
    const letGo = (isMuted: (before: Held) => boolean) => {
      const now = devices.getSnapshot().microphone
      // Whoever is muted while holding the key was muted by something else, and stays so.
      const isHeard = now.status === 'on' && !now.muted
      if (held.current !== undefined && isHeard) devices.setMuted(isMuted(held.current))
      held.current = undefined
    }
    const release = ({ key, timeStamp }: KeyboardEvent) => {
      if (key === ' ') letGo((before) => isMutedAfter(before, timeStamp))
    }
    // The release of the key goes to another window.
    const blur = () => letGo(({ wasMuted }) => wasMuted)
    window.addEventListener('keydown', press)
    window.addEventListener('keyup', release)
    window.addEventListener('blur', blur)
    return () => {
      window.removeEventListener('keydown', press)
      window.removeEventListener('keyup', release)
      window.removeEventListener('blur', blur)
    }
  })
}
