import { setTimeout as sleep } from 'node:timers/promises'
import { findProgram } from '@patchbay/test-servers'
import { expectAccessible } from '../support/accessible.ts'
import { expect, test } from '../support/fixtures.ts'

test('the connection check tests everything, reports the result, and can be copied', async ({ invite, deployment }) => {
  const { page } = await invite('Ada')
  await page.goto(`${deployment.origin}/check`)
  await page.getByRole('button', { name: 'Start' }).click()
  const row = (name: string) => page.getByTestId('check-row').filter({ hasText: name })
  for (const line of ['WebSocket', 'Long-poll', 'MQTT', 'SSE', 'Microphone', 'Camera'])
    await expect(row(line).first()).toHaveAttribute('data-status', 'good')
  await expect(row('Addresses found')).toContainText(/[1-9]\d* own/, { timeout: 20_000 })
  const relayed = findProgram('turnserver') !== undefined
  const title = relayed ? 'Calls should work from here' : 'Calls should work with most people'
  await expect(page.getByTestId('verdict')).toContainText(title, { timeout: 40_000 })
  if (relayed) {
    await expect(row('TURN/UDP')).toContainText('ms')
    await expect(row('TURN/TCP')).toContainText('ms')
    await expect(row('TURN/TLS')).toContainText('not offered')
    await expect(row('Throughput')).toContainText('Mbit/s')
  }
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Copy as text' }).click()
  await expect(page.getByText('Copied.')).toBeVisible()
  const copy = await page.evaluate(() => navigator.clipboard.readText())
  expect(copy).toContain(title)
  expect(copy).toMatch(/\+ WebSocket: \d+ ms/)
})

test('a connection check that is left asks for no camera any more', async ({ invite, deployment }) => {
  const { page } = await invite('Ada')
  await page.addInitScript(() => {
    let asked = 0
    navigator.mediaDevices.getUserMedia = () => {
      asked += 1
      Object.assign(window, { asked })
      return Promise.reject(new DOMException('no', 'NotAllowedError'))
    }
  })
  let isHeld = true
  const held: (() => void)[] = []
  await page.route('**/poll', async (route) => {
    if (isHeld) await new Promise<void>((resolve) => held.push(resolve))
    await route.continue()
  })
  await page.goto(deployment.origin)
  await page.getByRole('link', { name: 'Check my connection' }).click()
  const start = page.getByRole('button', { name: 'Start' })
  await start.focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => held.length).toBe(1)
  await expect(page.getByRole('button', { name: 'Checking' }), 'the focus stays').toBeFocused()
  await page.goBack()
  await expect(page.locator('input[name=name]')).toHaveValue('Ada')
  isHeld = false
  for (const release of held) release()
  // By then the other lines would have been tried, and the devices.
  await sleep(4_000)
  expect(await page.evaluate(() => (window as unknown as { asked?: number }).asked)).toBeUndefined()
})

test('the connection check reports an unreachable server, and what to try', async ({ invite, deployment }) => {
  const { page } = await invite('Ada')
  await page.goto(`${deployment.origin}/check`)
  await deployment.signaling.stop('SIGKILL')
  await page.getByRole('button', { name: 'Start' }).click()
  await expect(page.getByTestId('verdict')).toContainText('The server cannot be reached from here', { timeout: 40_000 })
  await deployment.signaling.start()
  await page.getByRole('button', { name: 'Check again' }).click()
  await expect(page.getByTestId('verdict')).toContainText('Calls should work', { timeout: 40_000 })
})
