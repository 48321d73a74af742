import { safeParse } from 'valibot'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { captionOptions, captionText, MAX_CAPTION_LENGTH } from '../src/lib/captions/caption'
import { type CaptionLine, linesAfter, linesAt, MAX_LINES, SHOWN_MS } from '../src/lib/captions/lines'
import { captionReaders, FORGET_MS, HOLD_MS, noteReader } from '../src/lib/captions/readers'
import { fittingLanguage } from '../src/lib/captions/recognizer'
import { clearCaptions, showCaption, shownCaptions } from '../src/lib/captions/shown-captions'

describe('a caption', () => {
  const reads = (message: unknown) => safeParse(captionOptions.schema, message).success
  const caption = { kind: 'caption', n: 0, text: 'Hello', isFinal: false }

  test('is taken only with a number, a text of bounded length, and whether it is final', () => {
    expect(reads(caption)).toBe(true)
    expect(reads({ ...caption, text: 'a'.repeat(MAX_CAPTION_LENGTH) })).toBe(true)
    expect(reads({ ...caption, text: 'a'.repeat(MAX_CAPTION_LENGTH + 1) })).toBe(false)
    expect(reads({ ...caption, n: -1 })).toBe(false)
    expect(reads({ ...caption, n: 0.5 })).toBe(false)
    expect(reads({ ...caption, isFinal: 'no' })).toBe(false)
    expect(reads({ kind: 'reader' })).toBe(false)
  })

  test('holds the last words of a long text, in one line', () => {
    expect(captionText(' Good\n\u0000morning\u0007 ')).toBe('Good morning')
    const long = `first ${'word '.repeat(100)}last`
    expect(captionText(long).length).toBeLessThanOrEqual(MAX_CAPTION_LENGTH)
    expect(captionText(long).length).toBeGreaterThan(MAX_CAPTION_LENGTH - 10)
    expect(captionText(long)).toMatch(/^…word .* last$/)
    const joined = captionText(`${'a'.repeat(10)}${'😀'.repeat(MAX_CAPTION_LENGTH)}`)
    expect(joined.length).toBeLessThanOrEqual(MAX_CAPTION_LENGTH)
    expect(joined.isWellFormed()).toBe(true)
  })
})

describe('captions that are shown', () => {
  let key = 0
  const say = (lines: readonly CaptionLine[], from: string, n: number, text: string, isFinal = false, nowMs = 0) =>
    linesAfter(lines, { from, n, text, isFinal, isSaid: isFinal }, { key: (key += 1), nowMs })
  const texts = (lines: readonly CaptionLine[]) => lines.map(({ from, text }) => `${from}: ${text}`)

  test('are replaced by newer ones until they are final', () => {
    const first = say([], 'ada', 0, 'Good')
    const second = say(first, 'ada', 0, 'Good morning', true)
    expect(texts(second)).toEqual(['ada: Good morning'])
    expect(second[0]?.key).toBe(first[0]?.key)
    expect(texts(say(second, 'ada', 1, 'How'))).toEqual(['ada: Good morning', 'ada: How'])
  })

  test('are one for each person until they are final, whatever their number', () => {
    let lines = say([], 'ada', 0, 'Good')
    for (let n = 1; n < 100; n += 1) lines = say(lines, 'ada', n, `${n}`)
    expect(texts(lines)).toEqual(['ada: 99'])
  })

  test('are the newest, of which those that are final go first', () => {
    const two = say(say([], 'ada', 0, 'Wait'), 'bob', 0, 'Yes', true)
    expect(texts(say(two, 'cyd', 0, 'No'))).toEqual(['ada: Wait', 'cyd: No'])
    expect(say(say(two, 'cyd', 0, 'No'), 'dan', 0, 'Oh')).toHaveLength(MAX_LINES)
  })

  test('of one person do not take the place of what another has said', () => {
    const two = say(say([], 'bob', 0, 'Yes', true), 'eve', 0, 'One', true)
    expect(texts(say(say(two, 'eve', 1, 'Two', true), 'eve', 2, 'Three'))).toEqual(['bob: Yes', 'eve: Three'])
  })

  test('go when their time is over', () => {
    const lines = say(say([], 'ada', 0, 'Early', true, 0), 'bob', 0, 'Late', true, 100)
    expect(texts(linesAt(lines, SHOWN_MS - 1))).toEqual(['ada: Early', 'bob: Late'])
    expect(texts(linesAt(lines, SHOWN_MS))).toEqual(['bob: Late'])
  })

  describe('on the page', () => {
    beforeEach(() => void vi.useFakeTimers())
    afterEach(() => {
      clearCaptions()
      vi.useRealTimers()
    })

    test('change at most ten times a second, however many come', () => {
      let changes = 0
      const stop = shownCaptions.subscribe(() => (changes += 1))
      for (let n = 0; n < 1_000; n += 1) {
        showCaption('ada', { n, text: `${n}`, isFinal: true })
        vi.advanceTimersByTime(1)
      }
      stop()
      expect(changes).toBeGreaterThan(5)
      expect(changes).toBeLessThanOrEqual(10)
    })

    /** The lines that a screen reader is told. */
    const hear = () => {
      const said = new Map<number, string>()
      const stop = shownCaptions.subscribe(() => {
        for (const { key: line, text, isSaid } of shownCaptions.getSnapshot()) if (isSaid) said.set(line, text)
      })
      return { said, stop }
    }

    test('are said to a screen reader once they are final, four of each person at once and then one a second', () => {
      const { said, stop } = hear()
      showCaption('bob', { n: 0, text: 'Hello', isFinal: false })
      vi.advanceTimersByTime(200)
      expect(said.size).toBe(0)
      for (let n = 0; n < 29; n += 1) {
        showCaption('bob', { n, text: `${n}`, isFinal: true })
        vi.advanceTimersByTime(100)
      }
      vi.advanceTimersByTime(200)
      stop()
      expect(said.size).toBe(6)
    })

    test('are both said when one person ends two sentences at nearly the same time', () => {
      const { said, stop } = hear()
      showCaption('cyd', { n: 0, text: 'Yes.', isFinal: true })
      vi.advanceTimersByTime(50)
      showCaption('cyd', { n: 1, text: 'Go on.', isFinal: true })
      vi.advanceTimersByTime(200)
      stop()
      expect([...said.values()]).toEqual(['Yes.', 'Go on.'])
    })

    test('go by themselves', () => {
      showCaption('ada', { n: 0, text: 'Hello', isFinal: false })
      vi.advanceTimersByTime(200)
      expect(shownCaptions.getSnapshot()).toHaveLength(1)
      vi.advanceTimersByTime(SHOWN_MS + 1_000)
      expect(shownCaptions.getSnapshot()).toEqual([])
      expect(vi.getTimerCount()).toBe(0)
    })
  })
})

describe('who reads captions', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('is forgotten when they stop, or no longer say so', () => {
    noteReader('ada', true)
    noteReader('bob', true)
    vi.advanceTimersByTime(FORGET_MS - 1)
    noteReader('ada', true)
    expect([...captionReaders.getSnapshot()]).toHaveLength(2)
    vi.advanceTimersByTime(1)
    expect([...captionReaders.getSnapshot()]).toEqual(['ada'])
    noteReader('ada', false)
    vi.advanceTimersByTime(HOLD_MS)
    expect([...captionReaders.getSnapshot()]).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('changes a few times a second at most, however often somebody starts and stops', () => {
    let changes = 0
    const stop = captionReaders.subscribe(() => (changes += 1))
    for (let n = 0; n < 1_000; n += 1) {
      noteReader('ada', n % 2 === 0)
      vi.advanceTimersByTime(1)
    }
    stop()
    expect(changes).toBeGreaterThan(0)
    expect(changes).toBeLessThanOrEqual(10)
    vi.runAllTimers()
  })
})

test('the language is the preferred one, else a near one that is there, else a near one', () => {
  const languages = ['de-DE', 'en-GB', 'en-US'].map((tag) => ({ tag, isInstalled: tag === 'en-US' }))
  expect(fittingLanguage(languages, ['en-GB', 'de'])).toBe('en-GB')
  expect(fittingLanguage(languages, ['en'])).toBe('en-US')
  expect(fittingLanguage(languages, ['ja', 'de-AT'])).toBe('de-DE')
  expect(fittingLanguage(languages, ['ja'])).toBe('de-DE')
  expect(fittingLanguage([], ['ja'])).toBeUndefined()
})
