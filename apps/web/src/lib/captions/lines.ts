import type { Caption } from './caption'

/** A caption that is shown. */
export interface CaptionLine extends Caption {
  /** Its own for as long as the page is open. */
  readonly key: number
  /** Id of who says it. */
  readonly from: string
  /** Whether screen readers are told it. */
  readonly isSaid: boolean
  /** When it last changed, in milliseconds. */
  readonly changedMs: number
}

/** How many captions are shown at a time. */
export const MAX_LINES = 2
/** How long a caption is shown after it last changed, in milliseconds. */
export const SHOWN_MS = 6_000

/**
 * The lines once a caption has come. Each person has one line that is not final. Where there is no room, the same person's
 * final line goes, or else the oldest final line, or the oldest.
 * @param key of the line, if it is a new one.
 */
export function linesAfter(
  lines: readonly CaptionLine[],
  caption: Caption & Pick<CaptionLine, 'from' | 'isSaid'>,
  { key, nowMs }: { readonly key: number; readonly nowMs: number },
): readonly CaptionLine[] {
  const line = { key, ...caption, changedMs: nowMs }
  const open = lines.find(({ from, isFinal }) => from === caption.from && !isFinal)
  if (open !== undefined)
    return lines.map((each) => (each === open ? { ...line, key: open.n === caption.n ? open.key : key } : each))
  if (lines.length < MAX_LINES) return [...lines, line]
  const final = lines.filter(({ isFinal }) => isFinal)
  const gone = final.find(({ from }) => from === caption.from) ?? final[0] ?? lines[0]
  return [...lines.filter((each) => each !== gone), line]
}

/** The lines that are still shown. */
export function linesAt(lines: readonly CaptionLine[], nowMs: number): readonly CaptionLine[] {
  const shown = lines.filter(({ changedMs }) => nowMs - changedMs < SHOWN_MS)
  return shown.length === lines.length ? lines : shown
}
