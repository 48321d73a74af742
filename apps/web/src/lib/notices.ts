import { notices } from './call-switches'
import { PAGE_ICON } from './icon-files'

/** A notice, in the person's language. */
export interface Notice {
  readonly title: string
  readonly text: string
}

/** Characters of a notice's text; systems show fewer. */
const MAX_TEXT = 200
/** White space, controls, also those of direction, and letters drawn as nothing: a message could look like several people's. */
const spacing = /[\s\p{Cc}\p{Bidi_Control}\u115F\u1160\u2800\u3164\uFFA0]+/gu
/** How long the notice that shows what notices look like stays, in milliseconds. */
const SAMPLE_MS = 4_000

let shown: Notification | undefined

/**
 * Asks the person for permission, shows them a notice, and turns notices on.
 * @returns `on`, or why they stay off: `denied` by the person or their settings, `impossible` in this browser.
 */
export async function turnOnNotices(sample: Notice): Promise<'on' | 'denied' | 'impossible'> {
  if ((await Notification.requestPermission()) !== 'granted') return 'denied'
  const notice = show(sample)
  if (notice === undefined) return 'impossible'
  setTimeout(() => notice.close(), SAMPLE_MS)
  notices.turn(true)
  return 'on'
}

/** Shows a notice if the page is hidden and the person wants notices. It takes the place of the one before. */
export function notify(notice: Notice): void {
  if (notices.isOn() && document.visibilityState === 'hidden' && Notification.permission === 'granted') show(notice)
}

/** Takes back what is shown. */
function withdraw(): void {
  document.removeEventListener('visibilitychange', withdrawIfSeen)
  shown?.close()
  shown = undefined
}

/** Takes back what is shown when the person is here, even if the room that it is about has ended. */
function withdrawIfSeen(): void {
  if (document.visibilityState === 'visible') withdraw()
}

/** What a notice shows of a text: the beginning, in one line. */
export function noticeText(text: string): string {
  return [...text.replaceAll(spacing, ' ').trim()].slice(0, MAX_TEXT).join('')
}

/** @returns the notice; `undefined` on phones, where only a service worker may show one and the constructor throws. */
function show({ title, text }: Notice): Notification | undefined {
  try {
    withdraw()
    const notice = new Notification(noticeText(title), {
      body: noticeText(text),
      icon: PAGE_ICON,
      silent: true,
    })
    notice.addEventListener('click', () => {
      window.focus()
      notice.close()
    })
    shown = notice
    document.addEventListener('visibilitychange', withdrawIfSeen)
    return notice
  } catch {
    return undefined
  }
}
