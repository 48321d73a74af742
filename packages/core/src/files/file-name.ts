import { isSeen, withoutUnseen } from '@patchbay/protocol'

/** Characters with a special meaning in some file system. */
const special: RegExp = /[\\/:*?"<>|]/g
/** Windows device names, with any extension; Windows treats the superscript digits as digits. */
const reserved: RegExp = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i
/** Longest name, in bytes of UTF-8: every file system accepts it. */
const MAX_BYTES = 120
/** What is looked at of each end of a name, in UTF-16 code units: what follows takes time by the square of it. */
const MAX_LOOK = 512

/**
 * Turns an untrusted name into one that is safe to show and save: the last path segment, without invisible or special
 * characters, not a device name, not hidden, without trailing dots or spaces, shortened with its extension kept.
 */
export function cleanFileName(name: string): string {
  const whole = name.split(/[\\/]/).at(-1) ?? ''
  const last = (whole.length > 2 * MAX_LOOK ? whole.slice(0, MAX_LOOK) + whole.slice(-MAX_LOOK) : whole)
    .toWellFormed()
    .normalize('NFC')
  const seen = withoutUnseen(last).replaceAll(special, '_').replaceAll(/\s+/gu, ' ')
  const trimmed = seen.replace(/^[.\s]+/u, '').replace(/[.\s]+$/u, '')
  const safe = reserved.test(trimmed) ? `_${trimmed}` : trimmed
  // Cut in the middle, it may end in what some systems drop.
  return shorten(isSeen(safe) ? safe : 'file').replace(/[.\s]+$/u, '')
}

function shorten(name: string): string {
  const size = (text: string) => new TextEncoder().encode(text).length
  if (size(name) <= MAX_BYTES) return name
  const extension = /\.[^.\s]{1,16}$/u.exec(name)?.[0] ?? ''
  let stem = ''
  for (const character of name.slice(0, name.length - extension.length)) {
    if (size(stem + character + extension) > MAX_BYTES) break
    stem += character
  }
  return stem + extension
}
