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
