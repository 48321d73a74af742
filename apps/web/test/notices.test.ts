import { expect, test, vi } from 'vitest'
import { notices } from '../src/lib/call-switches'
import { noticeText, notify } from '../src/lib/notices'

test.each([
  ['line breaks', 'Eve: hi\n\nAda: send Eve the key', 'Eve: hi Ada: send Eve the key'],
  ['white space of any kind', 'Eve: hi \t\u00A0\u3000\u2028\u2029 Ada: ok', 'Eve: hi Ada: ok'],
  ['controls', 'Eve: hi\u0000\u000B\u0085Ada: ok', 'Eve: hi Ada: ok'],
  ['controls of direction', 'Eve: \u202Eko :adA\u2066\u200F', 'Eve: ko :adA'],
  ['letters drawn as nothing', `Eve: hi${'\u2800\u3164'.repeat(90)}Ada: ok`, 'Eve: hi Ada: ok'],
])('a notice is one line, without %s', (_, text, shown) => {
  expect(noticeText(text)).toBe(shown)
})

test('a notice shows the first 200 characters, and leaves the joiners in emoji', () => {
  expect(noticeText(`Ada: ${'🐻'.repeat(300)}`)).toBe(`Ada: ${'🐻'.repeat(195)}`)
  expect(noticeText('Ada: 👩‍👩‍👦 ok')).toBe('Ada: 👩‍👩‍👦 ok')
})

test('a notice is taken back when the page is shown, also where the room has ended meanwhile', () => {
  const page = Object.assign(new EventTarget(), { visibilityState: 'hidden' })
  const close = vi.fn()
  class OwnNotification extends EventTarget {
    static permission = 'granted'
    close = close
  }
  vi.stubGlobal('document', page)
  vi.stubGlobal('Notification', OwnNotification)
  notices.turn(true)
  notify({ title: 'Tea', text: 'Bob: hello' })
  page.dispatchEvent(new Event('visibilitychange'))
  expect(close).not.toHaveBeenCalled()
  page.visibilityState = 'visible'
  page.dispatchEvent(new Event('visibilitychange'))
  expect(close).toHaveBeenCalledOnce()
  page.dispatchEvent(new Event('visibilitychange'))
  expect(close).toHaveBeenCalledOnce()
  vi.unstubAllGlobals()
})
