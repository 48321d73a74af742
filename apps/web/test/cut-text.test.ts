import { expect, test } from 'vitest'
import { cutText, spokenText } from '../src/lib/cut-text'

test.each([
  ['hello', 3, 'hel'],
  ['hello', 9, 'hello'],
  ['hi🙂you', 2, 'hi'],
  ['hi🙂you', 3, 'hi'],
  ['hi🙂you', 4, 'hi🙂'],
  ['🙂', 2, '🙂'],
  ['a\n🙂', 3, 'a\n'],
])('%j cut to %i units is %j, without half a character', (text, length, cut) => {
  expect(cutText(text, length)).toBe(cut)
})

test('a short text is announced as it is, and a long one by its beginning', () => {
  expect(spokenText('x'.repeat(300))).toBe('x'.repeat(300))
  expect(spokenText('x'.repeat(8_000))).toBe(`${'x'.repeat(300)}…`)
  expect(spokenText(`${'x'.repeat(299)}🙂`)).toBe(`${'x'.repeat(299)}…`)
})
