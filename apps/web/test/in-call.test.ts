import { describe, expect, test } from 'vitest'
import { isComposing } from '../src/lib/composing'
import { MuteRequests } from '../src/lib/mute-request'
import { isMutedAfter, TAP_MS } from '../src/lib/push-to-talk'
import { type Press, shortcutOf } from '../src/lib/shortcuts'
import { type Heard, listen } from '../src/lib/voice'

describe('the space bar', () => {
  test('mutes or unmutes when tapped', () => {
    expect(isMutedAfter({ sinceMs: 1_000, wasMuted: true }, 1_000 + TAP_MS - 1)).toBe(false)
    expect(isMutedAfter({ sinceMs: 1_000, wasMuted: false }, 1_000 + TAP_MS - 1)).toBe(true)
  })

  test('lets someone who is muted talk for as long as it is held, and changes nothing for someone who is not', () => {
    expect(isMutedAfter({ sinceMs: 1_000, wasMuted: true }, 1_000 + TAP_MS)).toBe(true)
    expect(isMutedAfter({ sinceMs: 1_000, wasMuted: false }, 9_000)).toBe(false)
  })
})

describe('being muted by others', () => {
  test('counts once a minute from each of them, so that nobody can keep anyone from speaking', () => {
    const requests = new MuteRequests<string>()
    expect(requests.heed('Bob', 1_000)).toBe(true)
    expect(requests.heed('Bob', 60_999)).toBe(false)
    expect(requests.heed('Cyd', 60_999)).toBe(true)
    expect(requests.heed('Bob', 61_000)).toBe(true)
  })

  test('does not count for 20 s after one has unmuted, whoever asks, also under one new id after another', () => {
    const requests = new MuteRequests<string>()
    requests.speaks(0)
    expect(requests.heed('Eve', 1_000)).toBe(true)
    requests.speaks(50_000)
    expect(requests.heed('Eve again', 69_999)).toBe(false)
    requests.speaks(69_999)
    expect(requests.heed('Eve again', 70_000)).toBe(true)
  })

  test('counts each time from a host, after whose request nobody else’s does for 20 s either', () => {
    const requests = new MuteRequests<string>()
    requests.speaks(0)
    expect(requests.heed('Host', 1_000, true)).toBe(true)
    requests.speaks(2_000)
    expect(requests.heed('Eve', 3_000)).toBe(false)
    expect(requests.heed('Host', 3_000, true)).toBe(true)
    requests.speaks(4_000)
    expect([requests.heed('Eve', 23_999), requests.heed('Eve', 24_000)]).toEqual([false, true])
  })
})

describe('an input method', () => {
  test.each([
    ['is told by most browsers', { nativeEvent: { isComposing: true }, keyCode: 13 }],
    ['is told by Safari in the key code alone', { nativeEvent: { isComposing: false }, keyCode: 229 }],
  ])('%s', (_, event) => expect(isComposing(event)).toBe(true))

  test('is not in use at an ordinary key', () => {
    expect(isComposing({ nativeEvent: { isComposing: false }, keyCode: 13 })).toBe(false)
  })
})

describe('a key', () => {
  /** A key pressed at an element that matches only one of the selectors. */
  const press = (key: string, at = 'main', held: Partial<Press> = {}): Press => ({
    key,
    code: '',
    shiftKey: false,
    ctrlKey: false,
    altKey: false,
    metaKey: false,
    repeat: false,
    target: { matches: (selectors: string) => selectors.split(', ').includes(at) },
    isByPointer: false,
    ...held,
  })

  test('does what it is for, in either case', () => {
    expect(['m', 'M', 'v', 'h', 'p', '?', ' '].map((key) => shortcutOf(press(key)))).toEqual([
      'microphone',
      'microphone',
      'camera',
      'hand',
      'float',
      'help',
      'talk',
    ])
    expect(shortcutOf(press('x'))).toBeUndefined()
    expect(shortcutOf(press('toString'))).toBeUndefined()
  })

  test('does nothing of it while one types, in a menu, with another key held, or when it repeats itself', () => {
    for (const at of ['input', 'textarea', '[role=menu] *', '[role=dialog] *'])
      expect(shortcutOf(press('m', at))).toBeUndefined()
    for (const held of ['ctrlKey', 'altKey', 'metaKey', 'repeat'])
      expect(shortcutOf(press('m', 'main', { [held]: true }))).toBeUndefined()
  })

  test('presses the button that has the focus, if it is the space bar', () => {
    for (const at of ['button', 'audio', 'video']) expect(shortcutOf(press(' ', at))).toBeUndefined()
    expect(shortcutOf(press('m', 'button'))).toBe('microphone')
  })

  test('talks, if it is the space bar, at a button that was clicked; what plays is paused', () => {
    const clicked = { isByPointer: true }
    expect(shortcutOf(press(' ', 'button', clicked))).toBe('talk')
    for (const at of ['audio', 'video', 'textarea', '[role=menu] *'])
      expect(shortcutOf(press(' ', at, clicked))).toBeUndefined()
  })

  test('is known by its place where it types a letter of another script', () => {
    const at = (key: string, code: string, shiftKey = false) => shortcutOf(press(key, 'main', { code, shiftKey }))
    expect([at('ة', 'KeyM'), at('ь', 'KeyM'), at('Μ', 'KeyM', true), at('؟', 'Slash', true)]).toEqual([
      'microphone',
      'microphone',
      'microphone',
      'help',
    ])
    // A Latin letter is what it says, wherever it is.
    expect([at('v', 'KeyM'), at('ç', 'KeyM'), at('/', 'Slash'), at('و', 'Comma')]).toEqual([
      'camera',
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('a voice', () => {
  /** Whether someone counts as speaking after each look, 200 ms apart. */
  const follow = (loudness: readonly number[]) => {
    let state: Heard = { loudMs: [], speechMs: undefined }
    return loudness.map((each, index) => {
      const { heard, speaks } = listen(state, each, 200 * index)
      state = heard
      return speaks
    })
  }
  const silence = (looks: number) => Array<number>(looks).fill(0.001)

  test('is heard with its pauses, and for some seconds after it', () => {
    expect(follow([0.1, 0, 0.1, 0, 0, 0.1])).toEqual([false, false, false, false, false, true])
    const after = follow([0.1, 0.1, 0.1, ...silence(40)])
    expect(after.indexOf(false, 2)).toBeGreaterThan(20)
    expect(after.at(-1)).toBe(false)
  })

  test('is not a cough, nor a key now and then', () => {
    expect(follow([0.3, 0.3, ...silence(12), 0.3, ...silence(12), 0.3]).includes(true)).toBe(false)
  })
})
