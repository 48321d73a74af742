/** Keys that move the focus, or what has it. */
const moving = /^(?:Tab|Enter|Escape|Arrow.*|Home|End|Page.*)$/

/**
 * Follows whether the focus of a window is where a pointer put it.
 * @param signal ends it.
 * @returns a function that tells.
 */
export function followFocus(view: Window, signal?: AbortSignal): () => boolean {
  let isByPointer = false
  const options = { capture: true, ...(signal !== undefined && { signal }) }
  view.addEventListener('pointerdown', () => (isByPointer = true), options)
  view.addEventListener('keydown', ({ key }) => (isByPointer &&= !moving.test(key)), options)
  return () => isByPointer
}
