import { createStore, type Store } from '@patchbay/core/store'

/** Elements that the browser does not let sound before the person has done something on the page. */
const silenced = new Set<HTMLAudioElement>()
const blocked = createStore(false)

/** Whether someone would be heard if the browser allowed it. */
export const soundBlocked: Store<boolean> = blocked

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

/** Tries again: the person has pressed something. */
export function retrySounds(): void {
  for (const element of silenced) playSound(element)
}

function settle(element: HTMLAudioElement, isSilenced: boolean): void {
  if (isSilenced) silenced.add(element)
  else silenced.delete(element)
  blocked.set(silenced.size > 0)
}
