import type { KeyboardEvent } from 'react'

/**
 * Whether a key belongs to an input method: Enter then confirms a candidate. Safari ends the composition before the key that ends
 * it, and tells by the key code alone (WebKit bug 165004; UI Events §7.3.1).
 */
export function isComposing(
  event: Pick<KeyboardEvent, 'keyCode'> & { readonly nativeEvent: { readonly isComposing: boolean } },
): boolean {
  return event.nativeEvent.isComposing || event.keyCode === 229
}
