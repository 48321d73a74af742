import { expectAccessible } from '../support/accessible.ts'
import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'

/** Runs in a page: addresses of its candidates, and the secrets of its connections. */
function secretsOfCall(): string[] {
  const { made } = window as unknown as { made: readonly RTCPeerConnection[] }
  const texts = made.flatMap(({ localDescription, remoteDescription }) =>
    [localDescription, remoteDescription].map((description) => description?.sdp ?? ''),
  )
  const found = (pattern: RegExp) => texts.flatMap((text) => [...text.matchAll(pattern)].map(([, what = '']) => what))
  return [
    ...found(/^a=candidate:(?:\S+ ){4}(\S+)/gm),
    ...found(/^a=ice-pwd:(\S+)/gm),
    ...found(/^a=fingerprint:\S+ (\S+)/gm),
  ]
}

test('the timeline of signals has what went over each line, and its report neither addresses nor secrets', async ({
  invite,
  room,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  await ada.say('a word between us')
  await ada.chooseLine('Long-poll')
  await expect(ada.page.getByTestId('line')).toContainText('Long-poll')
  await ada.page.getByRole('heading', { level: 1 }).click()
  await ada.page.keyboard.press('d')
  const drawer = ada.page.getByRole('dialog', { name: 'Timeline of signals' })
  const entry = (...words: string[]) =>
    words.reduce((found, hasText) => found.filter({ hasText }), drawer.getByRole('listitem'))
  await expect(entry('Long-poll', 'sent', 'resume')).toHaveCount(1)
  await expect(entry('Long-poll', 'received', 'welcome, recovered')).toHaveCount(1)
  await expect(entry('WebSocket', 'Line', 'closed: ')).toHaveCount(1)
  await expect(entry('member 1 connected').first()).toBeVisible()
  await expectAccessible(ada.page)
  await drawer.getByRole('combobox', { name: 'Line' }).selectOption('WebSocket')
  await expect(entry('WebSocket', 'hello')).toHaveCount(1)
  await expect(entry('Long-poll')).toHaveCount(0)

  await drawer.getByRole('button', { name: 'Copy as report' }).click()
  await expect(drawer.getByText('The report was copied.')).toBeVisible()
  const report = await ada.page.evaluate(() => navigator.clipboard.readText())
  const secrets = await ada.page.evaluate(secretsOfCall)
  expect(secrets.length, 'the page has what must not be in the report').toBeGreaterThan(3)
  for (const secret of [...secrets, 'a word between us', 'Bob', room]) expect(report).not.toContain(secret)
  expect(report).toMatch(/websocket (sent|received) offer \d+ B/)
  expect(report).toMatch(/longpoll sent resume \d+ B/)
})
