/** Only complete web addresses become links: no schemes that run code, no guesses. */
export const linkOptions = {
  defaultProtocol: 'https',
  validate: { url: (text: string) => /^https?:\/\//.test(text), email: false },
  target: '_blank',
  rel: 'noopener noreferrer nofollow',
  className: 'underline decoration-brass underline-offset-2 wrap-anywhere',
  // A control for the direction of text that comes before an address does not reach into it.
  attributes: { dir: 'ltr' },
}

/** Longest word in which addresses are looked for. */
const LINKED_WORD_LENGTH = 500

/** Whether addresses are looked for in a word. Controls for the direction of text could make one look like that of another site. */
export function mayHoldLink(word: string): boolean {
  return word.includes('://') && word.length <= LINKED_WORD_LENGTH && !/\p{Bidi_Control}/u.test(word)
}
