import { type Caption, captionText } from './caption'
import { createRecognition } from './recognizer'

/** Between two captions that are not final, in milliseconds. */
const PACE_MS = 300
/** Before it listens again, after the first failure in a row, in milliseconds; doubled with each further one. */
const RETRY_MS = 250
const MAX_FAILURES = 6
/** Browsers end listening by themselves now and then; one that does so sooner than this has failed. */
const LASTS_MS = 5_000
/** What does not get better by trying again. */
const hopeless = ['not-allowed', 'service-not-allowed', 'language-not-supported']

/** What a dictation tells. */
export interface DictationHandlers {
  readonly heard: (caption: Caption) => void
  /** It has given up. */
  readonly failed: () => void
}

let count = 0

/**
 * Recognizes on the device what is said into a microphone.
 * @param tag of the language (BCP 47).
 * @returns a function that stops it. The last words may come after that.
 */
export function dictate(track: MediaStreamTrack, tag: string, { heard, failed }: DictationHandlers): () => void {
  let isStopped = false
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let stop = () => {}
  const { take, flush } = createPace(heard)
  const giveUp = () => {
    if (isStopped) return
    isStopped = true
    failed()
  }
  const begin = () => {
    const startedMs = performance.now()
    const first = count
    let isHeard = false
    const recognition = createRecognition(tag)
    recognition.addEventListener('result', ({ resultIndex, results }) => {
      isHeard = true
      count = Math.max(count, first + results.length)
      const all = Array.from(results, (result, index) => ({
        n: first + index,
        text: result[0]?.transcript ?? '',
        isFinal: result.isFinal,
      }))
      for (const each of all.slice(resultIndex)) if (each.isFinal) take(each)
      // What is not final comes in pieces, the surer ones first.
      const open = all.filter(({ isFinal }) => !isFinal)
      if (open[0] !== undefined) take({ ...open[0], text: open.map(({ text }) => text).join(' ') })
    })
    recognition.addEventListener('error', ({ error }) => hopeless.includes(error) && giveUp())
    recognition.addEventListener('end', () => {
      flush()
      if (isStopped) return
      failures = isHeard || performance.now() - startedMs > LASTS_MS ? 0 : failures + 1
      if (failures > MAX_FAILURES) return giveUp()
      timer = setTimeout(attempt, RETRY_MS * 2 ** failures)
    })
    recognition.start(track)
    stop = () => recognition.stop()
  }
  const attempt = () => {
    try {
      begin()
    } catch {
      giveUp()
    }
  }
  attempt()
  return () => {
    isStopped = true
    clearTimeout(timer)
    stop()
  }
}

/** Passes on what is final at once, and the rest no oftener than is read. */
function createPace(heard: (caption: Caption) => void) {
  let waiting: Caption | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let toldMs = -Infinity
  const tell = (caption: Caption) => {
    const text = captionText(caption.text)
    if (text !== '') heard({ ...caption, text })
  }
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (waiting !== undefined) {
      toldMs = performance.now()
      tell(waiting)
    }
    waiting = undefined
  }
  const take = (caption: Caption) => {
    if (!caption.isFinal) {
      waiting = caption
      timer ??= setTimeout(flush, Math.max(0, toldMs + PACE_MS - performance.now()))
      return
    }
    // A final caption takes the place of what was to come before it.
    if (waiting !== undefined && waiting.n <= caption.n) waiting = undefined
    tell(caption)
  }
  return { take, flush }
}
