import type { Page } from '@playwright/test'

/** Hides or shows a page, as far as it can tell. */
export const setVisibility = (page: Page, value: 'hidden' | 'visible') =>
  page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, value)

/** Runs in a page before its own scripts: what the system shows cannot be seen from here, so the page notes its notices. */
export function ownNotices(permission: string): void {
  const seen: string[] = []
  const answer = { permission }
  Object.assign(window, { seen, answer })
  class Notice extends EventTarget {
    static get permission() {
      return answer.permission
    }
    static requestPermission = () => Promise.resolve(answer.permission)
    constructor(_: string, { body = '', icon = '' }: NotificationOptions = {}) {
      super()
      Object.assign(window, { icon })
      seen.push(body)
    }
    close() {
      seen.push('closed')
    }
  }
  Object.assign(window, { Notification: Notice })
}

/** Texts of the notices that a page has shown, and `closed` for each that it took back. */
export const noticesOf = (page: Page) => page.evaluate(() => (window as unknown as { seen: string[] }).seen)
