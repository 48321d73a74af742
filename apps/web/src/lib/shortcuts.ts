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
  /** Name of the key's place on the keyboard (UI Events code §3.1). */
  readonly code: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly altKey: boolean
  readonly metaKey: boolean
  readonly repeat: boolean
  /** The element with the focus. */
  readonly target: { matches(selectors: string): boolean } | null
  /** Whether a pointer put the focus there. */
  readonly isByPointer: boolean
}

/** Where letters are typed, or choose. */
const taken = 'input, textarea, select, [contenteditable], [role=menu], [role=menu] *, [role=dialog], [role=dialog] *'
/** Where the space bar already does something. */
const playing = 'audio, video'
/** The same for those who move the focus by key. A button that was clicked keeps the focus, and nobody means it any more. */
const pressable = 'button, a, summary, [role=button], [role=checkbox], [role=slider], [role=tab]'

/** What a key that is pressed does; `undefined` where it is for something else. */
export function shortcutOf(press: Press): Shortcut | undefined {
  const { key, ctrlKey, altKey, metaKey, repeat, target, isByPointer } = press
  if (ctrlKey || altKey || metaKey || repeat || target?.matches(taken) === true) return undefined
  const presses = isByPointer ? playing : `${playing}, ${pressable}`
  if (key === ' ' && target?.matches(presses) === true) return undefined
  const name = latinOf(press).toLowerCase()
  return Object.hasOwn(shortcuts, name) ? shortcuts[name as keyof typeof shortcuts] : undefined
}

/** The character that a key of another script has on a keyboard with Latin letters: `m` for the Arabic ة, `?` for ؟. */
function latinOf({ key, code, shiftKey }: Press): string {
  if (!/^[^\p{ASCII}\p{Script=Latin}]$/u.test(key)) return key
  if (code === 'Slash' && shiftKey) return '?'
  return code.startsWith('Key') ? code.slice('Key'.length) : key
}

/** Whether single keys do something: whoever dictates to their computer can turn this off (WCAG 2.1.4). */
export const singleKeys = createSwitch('patchbay.shortcuts', true)
