import * as v from 'valibot'

/** Longest display name and room title, in Unicode code points. */
export const MAX_NAME_CODE_POINTS = 64
/** Longest chat message, in UTF-16 code units. */
export const MAX_CHAT_LENGTH = 8_000

/**
 * Control, format, surrogate and private-use characters, the line and paragraph separators, and letters that are drawn as
 * nothing: the Hangul fillers and the empty Braille pattern.
 */
const unseen: RegExp = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0]/u

function isName(text: string): boolean {
  return (
    text.length > 0 &&
    text.length <= 2 * MAX_NAME_CODE_POINTS &&
    text.isWellFormed() &&
    !unseen.test(text) &&
    text === text.trim() &&
    text === text.normalize('NFC') &&
    [...text].length <= MAX_NAME_CODE_POINTS
  )
}

/** Display name or title: 1–64 code points, NFC, trimmed, well-formed, no invisible characters. */
export const nameSchema = v.pipe(v.string(), v.check(isName, 'not a clean name'))

/** A name the server has checked. Not checked again: the two ends may have different Unicode versions. */
export const shownNameSchema = v.pipe(v.string(), v.maxLength(2 * MAX_NAME_CODE_POINTS))

/** Well-formed text (no lone surrogates) of at most {@link MAX_CHAT_LENGTH} code units, not empty. */
export function isChatText(text: string): boolean {
  return text.length > 0 && text.length <= MAX_CHAT_LENGTH && text.isWellFormed()
}

/**
 * Converts user input into a name that the protocol accepts: composed, without invisible characters, with runs of
 * white space folded, cut to 64 code points. Empty when nothing visible is left.
 */
export function cleanName(typed: string): string {
  const visible = typed
    .slice(0, 1_000)
    .toWellFormed()
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(new RegExp(unseen, 'gu'), '')
    // Last: what stood between two characters may have kept them from being composed.
    .normalize('NFC')
    .trim()
  return [...visible].slice(0, MAX_NAME_CODE_POINTS).join('').trim()
}
