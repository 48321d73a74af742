import { createStore, type Store } from '@patchbay/core/store'
import { type Caption, captionText } from './caption'
import { type CaptionLine, linesAfter, linesAt } from './lines'

/** Between two changes of what is shown, in milliseconds: anybody may send hundreds of captions a second. */
const CHANGE_MS = 100
/** Between two looks for lines whose time is over, in milliseconds. */
const LOOK_MS = 500
/** Of each person, screen readers are told a caption in this time, in milliseconds, and a few at once: nobody speaks faster. */
const SAY_MS = 1_000
const SAY_BURST = 4

const store = createStore<readonly CaptionLine[]>([])
/** Until when what screen readers were told of each person counts, in milliseconds. */
const countsUntilMs = new Map<string, number>()
let lines: readonly CaptionLine[] = []
let keys = 0
let change: ReturnType<typeof setTimeout> | undefined
let look: ReturnType<typeof setTimeout> | undefined

/** The captions of the others that are shown now. */
export const shownCaptions: Store<readonly CaptionLine[]> = store

/** Shows a caption for a while. @param from id of who says it. */
export function showCaption(from: string, { n, text, isFinal }: Caption): void {
  const nowMs = performance.now()
  const countsMs = Math.max(countsUntilMs.get(from) ?? 0, nowMs) + SAY_MS
  const isSaid = isFinal && countsMs <= nowMs + SAY_BURST * SAY_MS
  if (isSaid) countsUntilMs.set(from, countsMs)
  lines = linesAfter(lines, { from, n, text: captionText(text), isFinal, isSaid }, { key: (keys += 1), nowMs })
  change ??= setTimeout(publish, CHANGE_MS)
}

/** Takes all captions away. */
export function clearCaptions(): void {
  lines = []
  publish()
}

function publish(): void {
  clearTimeout(change)
  clearTimeout(look)
  change = undefined
  const nowMs = performance.now()
  lines = linesAt(lines, nowMs)
  for (const [from, ms] of countsUntilMs) if (ms <= nowMs) countsUntilMs.delete(from)
  look = lines.length > 0 ? setTimeout(publish, LOOK_MS) : undefined
  store.set(lines)
}
