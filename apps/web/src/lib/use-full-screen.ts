import { useSyncExternalStore } from 'react'

function subscribe(listener: () => void): () => void {
  document.addEventListener('fullscreenchange', listener)
  return () => document.removeEventListener('fullscreenchange', listener)
}

/** The element that fills the screen. */
export function useFullScreenElement(): Element | null {
  return useSyncExternalStore(
    subscribe,
    () => document.fullscreenElement,
    () => null,
  )
}

/** Has nothing fill the screen any more: dialogs and notices are behind what does. */
export function leaveFullScreen(): void {
  // `undefined` where the browser cannot do it, as on iPhones. Rejects when the browser is busy with another change.
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {})
}

/** Whether an element fills the screen, and what changes that; `toggle` is `undefined` where the browser cannot do it. */
export function useFullScreen(element: Element | null): {
  readonly isFull: boolean
  readonly toggle: (() => void) | undefined
} {
  const full = useFullScreenElement()
  const isFull = element !== null && full === element
  if (element === null || !document.fullscreenEnabled) return { isFull, toggle: undefined }
  // Both reject when the browser is busy with another change; the button is still there then.
  const toggle = () =>
    void (isFull ? document.exitFullscreen() : element.requestFullscreen({ navigationUI: 'hide' })).catch(() => {})
  return { isFull, toggle }
}
