import type { Page } from '@playwright/test'
import { expectAccessible } from '../support/accessible.ts'
import { expect, test } from '../support/fixtures.ts'

/** What reaches out of the page to the left or right, unless it is cut off or scrolls in a frame that does not. */
const overflowing = (page: Page) =>
  page.evaluate(() => {
    const isFramed = (element: Element): boolean => {
      const frame = element.parentElement
      if (frame === null || frame === document.body) return false
      return getComputedStyle(frame).overflowX !== 'visible' || isFramed(frame)
    }
    return [...document.querySelectorAll('body *')].flatMap((element) => {
      const { left, right } = element.getBoundingClientRect()
      if ((left >= -1 && right <= innerWidth + 1) || isFramed(element)) return []
      return [`${element.tagName} ${Math.round(left)} to ${Math.round(right)}`]
    })
  })

test('the page is written from right to left in Arabic, and fits a screen of 320 px', async ({ invite }) => {
  const layla = await invite('ليلى', { locale: 'ar', viewport: { width: 320, height: 640 } })
  const { page } = layla
  await layla.land()
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
  await expect(page.locator('html')).toHaveAttribute('lang', 'ar')
  expect(await overflowing(page)).toEqual([])
  await expectAccessible(page)
  await layla.enter()
  await expect(page.getByText('أنت أول من وصل')).toBeVisible()
  expect(await overflowing(page)).toEqual([])
  await expect(page.getByRole('button', { name: 'مغادرة' })).toBeVisible()
  // What comes first is on the right: the logo, then the buttons; the field, then the button that sends.
  const middle = async (name: string) => {
    const box = await page.getByRole(name === 'رسالة' ? 'textbox' : 'button', { name, exact: true }).boundingBox()
    return (box?.x ?? 0) + (box?.width ?? 0) / 2
  }
  expect(await middle('رسالة')).toBeGreaterThan(await middle('إرسال'))
  expect(await middle('تشغيل الميكروفون')).toBeGreaterThan(await middle('تشغيل الكاميرا'))
})
