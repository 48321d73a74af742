/** Control, format, surrogate and private-use characters: they hide what a name is, or turn it around. */
const unseen: RegExp = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu
/** What means something to a file system. */
const special: RegExp = /[\\/:*?"<>|]/g
/** Devices of Windows, whatever follows the name; the superscript digits count as digits there. */
const reserved: RegExp = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i
/** Longest name that every file system takes, in bytes of UTF-8. */
const MAX_BYTES = 200

/**
 * Makes a name that may be shown and saved out of one a stranger chose: its last part, without what is invisible or
 * special, no device, neither hidden nor ending in what systems drop, short enough to keep its extension.
 */
export function cleanFileName(name: string): string {
  const last = name.toWellFormed().normalize('NFC').split(/[\\/]/).at(-1) ?? ''
  const seen = last.replaceAll(unseen, '').replaceAll(special, '_').replaceAll(/\s+/gu, ' ')
  const trimmed = seen.replace(/^[.\s]+/u, '').replace(/[.\s]+$/u, '')
  const safe = reserved.test(trimmed) ? `_${trimmed}` : trimmed
  return shorten(safe === '' ? 'file' : safe)
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
