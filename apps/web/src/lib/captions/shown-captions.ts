import { createStore, type Store } from '@patchbay/core/store'
import { type Caption, captionText } from './caption'
import { type CaptionLine, linesAfter, linesAt } from './lines'

/** Between two changes of what is shown, in milliseconds: anybody may send hundreds of captions a second. */
const CHANGE_MS = 100
/** Between two looks for lines whose time is over, in milliseconds. */
const LOOK_MS = 500
/** Between two captions of one person that screen readers are told, in milliseconds at least: more than a sentence a second is no speech. */
const SAY_MS = 1_000

const store = createStore<readonly CaptionLine[]>([])
/** When screen readers were last told something of each person, in milliseconds. */
const saidMs = new Map<string, number>()
let lines: readonly CaptionLine[] = []
let keys = 0
let change: ReturnType<typeof setTimeout> | undefined
let look: ReturnType<typeof setTimeout> | undefined

/** The captions of the others that are shown now. */
export const shownCaptions: Store<readonly CaptionLine[]> = store

/** Shows a caption for a while. @param from id of who says it. */
export function showCaption(from: string, { n, text, isFinal }: Caption): void {
  const nowMs = performance.now()
  const isSaid = isFinal && nowMs - (saidMs.get(from) ?? -Infinity) >= SAY_MS
  if (isSaid) saidMs.set(from, nowMs)
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
  for (const [from, ms] of saidMs) if (nowMs - ms >= SAY_MS) saidMs.delete(from)
  look = lines.length > 0 ? setTimeout(publish, LOOK_MS) : undefined
  store.set(lines)
}
