/** Whether a field that gets the focus is likely to open a keyboard on the screen: where people point with a finger. */
export function hasScreenKeyboard(): boolean {
  return matchMedia('(pointer: coarse)').matches
}
