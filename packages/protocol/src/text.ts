import * as v from 'valibot'

/** Longest display name and room title, in Unicode code points. */
export const MAX_NAME_CODE_POINTS = 64
/** Longest chat message, in UTF-16 code units. */
export const MAX_CHAT_LENGTH = 8_000
/** Longest title of a link, in Unicode code points. */
const MAX_TITLE_CODE_POINTS = 160

/**
 * Control, format, surrogate and private-use characters, the line and paragraph separators, and what is drawn as nothing: the
 * empty Braille pattern, and default-ignorable characters other than variation selectors, which emoji and some scripts need.
 */
const unseen: RegExp = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u2800]|(?!\p{VS})\p{DI}/u
const everyUnseen = new RegExp(unseen, 'gu')
/** Variation selectors that select nothing: those not right after a letter, a mark or a sign. */
const stray: RegExp = /(^|[\p{Z}\p{VS}])\p{VS}+/u
/** A character that is drawn by itself. */
const seen: RegExp = /[^\p{M}\p{Z}]/u

/** A text without characters that can hide or reverse parts of it. */
export function withoutUnseen(text: string): string {
  return text.replaceAll(everyUnseen, '')
}

/** Whether a text has a character that is drawn by itself. */
export function isSeen(text: string): boolean {
  return seen.test(text)
}

function isClean(text: string, maxCodePoints: number = MAX_NAME_CODE_POINTS): boolean {
  return (
    text.length > 0 &&
    text.length <= 2 * maxCodePoints &&
    text.isWellFormed() &&
    !unseen.test(text) &&
    !stray.test(text) &&
    isSeen(text) &&
    text === text.trim() &&
    text === text.normalize('NFC') &&
    [...text].length <= maxCodePoints
  )
}

/** Display name or title: 1–64 code points, NFC, trimmed, well-formed, no invisible characters. */
export const nameSchema = v.pipe(v.string(), v.check(isClean, 'not a clean name'))

/** Whether a text can be the title of a link: like a name, of up to 160 code points, and without `://`. */
export function isTitle(text: string): boolean {
  return isClean(text, MAX_TITLE_CODE_POINTS) && !text.includes('://')
}

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
  return cleanLine(typed, MAX_NAME_CODE_POINTS)
}

/** As {@link cleanName}, cut to 160 code points. Empty where it has `://`: an address could hide where the link leads. */
export function cleanTitle(typed: string): string {
  const title = cleanLine(typed, MAX_TITLE_CODE_POINTS)
  return isTitle(title) ? title : ''
}

function cleanLine(typed: string, maxCodePoints: number): string {
  const visible = withoutUnseen(typed.slice(0, 1_000).toWellFormed().replaceAll(/\s+/gu, ' '))
    .replaceAll(new RegExp(stray, 'gu'), '$1')
    // Last: what stood between two characters may have kept them from being composed.
    .normalize('NFC')
    .trim()
  const line = [...visible].slice(0, maxCodePoints).join('').trim()
  return isSeen(line) ? line : ''
}
