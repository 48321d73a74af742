import { type RefObject, useEffect } from 'react'
import { hasScreenKeyboard } from './screen-keyboard'

/** Focuses a field when it appears, unless that would open a keyboard on the screen or take the focus from something else. */
export function useFocusOnArrival(field: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const isFree = document.activeElement === null || document.activeElement === document.body
    if (isFree && !hasScreenKeyboard()) field.current?.focus({ preventScroll: true })
  }, [field])
}
