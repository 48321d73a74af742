import { useHands, useLocalMedia } from '@patchbay/react'
import { useEffect, useRef } from 'react'
import { isActive } from '@/lib/is-active'
import { followFocus } from '@/lib/pointer-focus'
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
  const isByPointer = useRef<() => boolean>(() => false)
  useEffect(() => {
    const stop = new AbortController()
    isByPointer.current = followFocus(window, stop.signal)
    return () => stop.abort()
  }, [])
  useEffect(() => {
    if (!areOn || media === undefined) return undefined
    const { devices, state } = media
    const { microphone, camera } = state
    // A stray key must not make anyone heard or seen who was neither.
    const isSending = microphone.status === 'on' || camera.status === 'on'
    const press = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : null
      const { key, code, shiftKey, ctrlKey, altKey, metaKey, repeat } = event
      const at = { target, isByPointer: isByPointer.current() }
      // A key that is held down repeats itself, and would scroll the page.
      if (key === ' ' && held.current !== undefined) return event.preventDefault()
      switch (shortcutOf({ key, code, shiftKey, ctrlKey, altKey, metaKey, repeat, ...at })) {
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
      const isHeard = now.status === 'starting' || isActive(now)
      if (held.current !== undefined && isHeard) devices.setMuted(isMuted(held.current))
      held.current = undefined
    }
    const release = (event: KeyboardEvent) => {
      if (event.key !== ' ' || held.current === undefined) return
      // It would press the button that has the focus.
      event.preventDefault()
      letGo((before) => isMutedAfter(before, event.timeStamp))
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
