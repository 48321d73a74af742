import { site } from '../../site.config'
import { createSwitch } from './switch'

/** What keys do in a room. */
export const shortcuts = {
  ' ': 'talk',
  m: 'microphone',
  v: 'camera',
  ...(site.features.raisedHands && { h: 'hand' as const }),
  p: 'float',
  d: 'trace',
  '?': 'help',
} as const
/** What one key does. */
export type Shortcut = (typeof shortcuts)[keyof typeof shortcuts]

/** A key that is pressed, and where. */
export interface Press {
  readonly key: string
  readonly ctrlKey: boolean
  readonly altKey: boolean
  readonly metaKey: boolean
  readonly repeat: boolean
  /** The element with the focus. */
  readonly target: { matches(selectors: string): boolean } | null
}

/** Where letters are typed, or choose. */
const taken = 'input, textarea, select, [contenteditable], [role=menu], [role=menu] *, [role=dialog], [role=dialog] *'
/** Where the space bar already does something. */
const pressable = 'button, a, summary, audio, video, [role=button], [role=checkbox], [role=slider], [role=tab]'

/** What a key that is pressed does; `undefined` where it is for something else. */
export function shortcutOf({ key, ctrlKey, altKey, metaKey, repeat, target }: Press): Shortcut | undefined {
  if (ctrlKey || altKey || metaKey || repeat || target?.matches(taken) === true) return undefined
  if (key === ' ' && target?.matches(pressable) === true) return undefined
  const name = key.toLowerCase()
  return Object.hasOwn(shortcuts, name) ? shortcuts[name as keyof typeof shortcuts] : undefined
}

/** Whether single keys do something: whoever dictates to their computer can turn this off (WCAG 2.1.4). */
export const singleKeys = createSwitch('patchbay.shortcuts', true)
