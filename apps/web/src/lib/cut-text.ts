/** The beginning of a text. @param length in UTF-16 code units; one less where the cut would leave half a character. */
export function cutText(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
}
