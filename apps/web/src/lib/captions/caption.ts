import * as v from 'valibot'

/** Name of the application channel that captions go over. */
export const CAPTION_CHANNEL = 'patchbay.captions'

/** Longest text of a caption, in UTF-16 code units. */
export const MAX_CAPTION_LENGTH = 300

/** What a person says, as text. Of one that is not final, a newer one with the same number takes the place. */
export interface Caption {
  /** Counts what the person has said since their page was loaded. */
  readonly n: number
  readonly text: string
  readonly isFinal: boolean
}

/** What pages tell each other about captions: that somebody reads them, and what somebody says. */
export type CaptionMessage =
  | { readonly kind: 'reader'; readonly reads: boolean }
  | ({ readonly kind: 'caption' } & Caption)

export const captionOptions = {
  schema: v.variant('kind', [
    v.object({ kind: v.literal('reader'), reads: v.boolean() }),
    v.object({
      kind: v.literal('caption'),
      n: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      text: v.pipe(v.string(), v.maxLength(MAX_CAPTION_LENGTH)),
      isFinal: v.boolean(),
    }),
  ]),
}

/** The end of what was said, from a word on if there is one, without line breaks and control characters. */
export function captionText(said: string): string {
  const text = said.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
  if (text.length <= MAX_CAPTION_LENGTH) return text
  const tail = text.slice(1 - MAX_CAPTION_LENGTH)
  const word = tail.indexOf(' ')
  // Not in the middle of a surrogate pair.
  return `…${word === -1 ? tail.replace(/^[\uDC00-\uDFFF]/, '') : tail.slice(word + 1)}`
}
