/** The beginning of a text. @param length in UTF-16 code units; one less where the cut would leave half a character. */
export function cutText(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
}

/** Most of a text that a screen reader is told unasked: nobody listens to 8 000 characters. */
const SPOKEN_LENGTH = 300

/** A text as it is announced: its beginning where it is long. The whole of it is in the log. */
export function spokenText(text: string): string {
  return text.length <= SPOKEN_LENGTH ? text : `${cutText(text, SPOKEN_LENGTH)}…`
}
