import { MAX_MENTIONS, type PeerId } from '@patchbay/protocol'

/** Somebody who can be mentioned. */
export interface Mentionable {
  readonly id: PeerId
  readonly name: string
}

/** What is being typed after an `@`. */
export interface MentionQuery {
  /** Index of the `@` in the text. */
  readonly start: number
  readonly typed: string
}

/** Longest part of a name that is looked for, in UTF-16 code units. */
const MAX_TYPED = 64
/** `@` and the first word of a name, or its first character. */
const AT_WORD = /@(?:[\p{L}\p{M}\p{N}_]+|.)/gu

/** The id of the element of one of those offered, for `aria-activedescendant`. */
export function optionId(list: string, index: number): string {
  return `${list}-${index}`
}

/**
 * What a word consists of in scripts that put spaces between words. Others, such as Chinese, say nothing of where a name ends.
 * The marks that make an emoji of a character are no part of a word.
 */
const LETTER = /(?![\u20E3\uFE0F])[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{M}\p{N}_]/u

/** Whether an `@` stands where a name may follow: not within an address. */
function isOpening(text: string, at: number): boolean {
  const before = text.charAt(at - 1)
  return !LETTER.test(before) && !/[.-]/.test(before)
}

/** @param caret index in the text. @returns what is being typed there after an `@`, if anything. */
export function queryAt(text: string, caret: number): MentionQuery | undefined {
  if (caret === 0) return undefined
  const start = text.lastIndexOf('@', caret - 1)
  const typed = text.slice(start + 1, caret)
  if (start < 0 || typed.length > MAX_TYPED || typed.includes('\n') || !isOpening(text, start)) return undefined
  return { start, typed }
}

/** A message as it was before it is edited. */
export interface EditedMessage {
  readonly text: string | undefined
  readonly mentions: readonly PeerId[]
}

/**
 * Whom a text means by `@` and a name. The longest name counts; of several people with the same one those who were `chosen`
 * from the list, or all if none was. Whoever the message meant `before`, and is not here to be known by name, is still meant
 * while a name of nobody here is left in it.
 */
export function mentionsIn(
  text: string,
  people: readonly Mentionable[],
  chosen: ReadonlySet<PeerId>,
  before?: EditedMessage,
): readonly PeerId[] {
  const found = new Set<PeerId>()
  const away = (before?.mentions ?? []).filter((mentioned) => !people.some(({ id }) => id === mentioned))
  const wordsBefore = new Set(before?.text?.toLowerCase().match(AT_WORD))
  const lower = text.toLowerCase()
  const named = people.map(({ id, name }) => ({ id, name: name.toLowerCase() }))
  for (let at = lower.indexOf('@'); at >= 0; at = lower.indexOf('@', at + 1)) {
    if (!isOpening(lower, at)) continue
    const [word = ''] = lower.slice(at, at + MAX_TYPED).match(AT_WORD) ?? []
    const meant = named.filter(({ name }) => isNameAt(lower, at + 1, name))
    const longest = Math.max(...meant.map(({ name }) => name.length))
    const same = meant.filter(({ name }) => name.length === longest)
    const picked = same.filter(({ id }) => chosen.has(id))
    for (const { id } of picked.length > 0 ? picked : same) found.add(id)
    if (same.length === 0 && wordsBefore.has(word)) for (const id of away) found.add(id)
  }
  return [...found].slice(0, MAX_MENTIONS)
}

/** Whether a text has a name at that index, and the name does not go on: `Ann` is not in `Anna`. */
function isNameAt(text: string, index: number, name: string): boolean {
  const goesOn = LETTER.test(name.slice(-1)) && LETTER.test(text.charAt(index + name.length))
  return text.startsWith(name, index) && !goesOn
}
