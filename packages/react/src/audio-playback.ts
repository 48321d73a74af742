import { createStore } from '@patchbay/core/store'
import { useEffect, useSyncExternalStore } from 'react'

/** Elements that the browser does not let sound before the person has done something on the page. */
const silenced = new Set<HTMLAudioElement>()
const blocked = createStore(false)
const notBlocked = () => false
const PRESSES = ['pointerup', 'keydown'] as const

/** Plays an element, now or once the browser allows it. */
export function playSound(element: HTMLAudioElement): void {
  element.play().then(
    () => settle(element, false),
    (error: unknown) => settle(element, error instanceof Error && error.name === 'NotAllowedError'),
  )
}

/** The element sounds no more. */
export function stopSound(element: HTMLAudioElement): void {
  element.srcObject = null
  settle(element, false)
}

function start(): void {
  for (const element of silenced) playSound(element)
}

function settle(element: HTMLAudioElement, isSilenced: boolean): void {
  if (isSilenced) silenced.add(element)
  else silenced.delete(element)
  blocked.set(silenced.size > 0)
}

/**
 * Whether the browser holds back the sound of a {@link StreamAudio} until the person has pressed something on the page, and a
 * function for a button that starts it. While this hook is mounted, the first press of anything starts it as well.
 */
export function useAudioPlayback(): { readonly isBlocked: boolean; readonly start: () => void } {
  const isBlocked = useSyncExternalStore(blocked.subscribe, blocked.getSnapshot, notBlocked)
  useEffect(() => {
    if (!isBlocked) return undefined
    for (const press of PRESSES) window.addEventListener(press, start)
    return () => {
      for (const press of PRESSES) window.removeEventListener(press, start)
    }
  }, [isBlocked])
  return { isBlocked, start }
}
