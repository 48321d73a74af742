import type { Browser } from '@playwright/test'
import { createRoomKey } from '@patchbay/core/seal'
import { EvilServer } from '../support/evil-server.ts'
import { type Deployment, expect, type Invite, test } from '../support/fixtures.ts'
import { deployNewerBuild } from '../support/newer-build.ts'
import { allConnected, type Person } from '../support/person.ts'

const SECRET = 'the treasure is under the oak'

/** Everything that a page sends on its signaling line, including bodies. */
function wiretap({ page }: Person): string[] {
  const sent: string[] = []
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(payload.toString())))
  return sent
}

test('[R25] in a room with a key the server learns neither names nor addresses nor certificates', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Adelheid'), await invite('Bartholomew')]
  const [sent, key] = [[wiretap(ada), wiretap(bob)], createRoomKey()]
  for (const person of [ada, bob]) await person.enter(`key=${key}`)
  await allConnected(ada, bob)
  await ada.say(SECRET)
  await expect(bob.message(SECRET)).toBeVisible()
  await expect(ada.page.getByRole('log')).toContainText('Bartholomew joined')
  await expect(ada.page.getByTestId('seal')).toHaveAttribute('data-state', 'sealed')
  await bob.page.getByRole('button', { name: 'Leave' }).click()
  await bob.page.getByRole('link', { name: 'Rejoin' }).click()
  await allConnected(ada, bob)
  const seen = sent.flat().join('\n')
  expect(seen).toMatch(/"type":"(offer|answer)"/)
  expect(seen).toContain('"type":"ice_candidate"')
  expect(seen).not.toMatch(/Adelheid|Bartholomew|fingerprint|candidate:|ice-ufrag|\.local/)
  expect(seen).not.toContain(key)
})

/** Ada and Bob, whose lines go through a malicious server; they have not entered yet. */
async function betrayed(given: {
  readonly invite: Invite
  readonly deployment: Deployment
  readonly browser: Browser
}) {
  const { invite, deployment, browser } = given
  const eve = await (await browser.newContext()).newPage()
  await eve.goto(`${deployment.origin}/icon.svg`)
  const evil = await EvilServer.in(eve)
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await evil.takeLineOf(person)
  return { ada, bob, evil, end: () => eve.context().close() }
}

test('[R25] a malicious server eavesdrops on a room without a key', async ({ invite, deployment, browser }) => {
  const { ada, bob, evil, end } = await betrayed({ invite, deployment, browser })
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await ada.say(SECRET)
  await expect(bob.message(SECRET)).toBeVisible()
  expect((await evil.heard()).join('\n')).toContain(SECRET)
  await end()
})

test('[R25] a malicious server is rejected in a room with a key, and the page says so', async ({
  invite,
  deployment,
  browser,
}) => {
  const { ada, bob, evil, end } = await betrayed({ invite, deployment, browser })
  const key = createRoomKey()
  for (const person of [ada, bob]) await person.enter(`key=${key}`)
  // One of them makes the offer, so the other one sees the rejection.
  const refused = async (person: Person) => {
    await expect(person.page.getByTestId('seal')).toHaveAttribute('data-state', 'refused')
    return person
  }
  const victim = await Promise.any([refused(ada), refused(bob)])
  await expect(victim.page.getByTestId('seal-alert')).toContainText('can’t be verified')
  await expect(victim.peers).toContainText('can’t be verified')
  await ada.say(SECRET)
  await bob.say(SECRET)
  // Whatever were to reach it would have by then.
  await ada.page.waitForTimeout(1_000)
  expect(await evil.heard()).toEqual([])
  await end()
})

test('a person without the key is not connected, and both sides are told; with it they are', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  const key = createRoomKey()
  await ada.enter(`key=${key}`)
  await bob.enter()
  await expect(ada.page.getByTestId('seal-alert')).toContainText('can’t be verified')
  await expect(bob.page.getByTestId('seal')).toHaveAttribute('data-state', 'open')
  await expect(bob.page.getByTestId('stuck')).toContainText('Ask them for the whole invite link', { timeout: 30_000 })
  await bob.enter(`key=${key}`)
  await allConnected(ada, bob)
})

test('a tab that returns without the fragment still has the key', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  const key = createRoomKey()
  for (const person of [ada, bob]) await person.enter(`key=${key}`)
  await ada.land()
  await ada.enter()
  await expect(ada.page.getByTestId('seal')).toHaveAttribute('data-state', 'sealed')
  await allConnected(ada, bob)
})

test('a room that is made or opened on a page of an older build than the server’s has its key', async ({ invite }) => {
  const ada = await invite('Ada')
  await ada.land()
  await deployNewerBuild(ada)
  await ada.page.getByRole('button', { name: 'Create a room' }).click()
  const seal = ada.page.getByTestId('seal')
  await expect(seal).toHaveAttribute('data-state', 'sealed')
  await expect(ada.page).toHaveURL(/#key=/)
  const link = ada.page.url()
  await expect(ada.page.getByText('You are the first one here')).toBeVisible()
  await ada.page.getByRole('button', { name: 'Leave' }).click()
  await ada.page.getByRole('button', { name: /^Keep Room .* with its key$/ }).click()

  // A tab that was never in the room.
  const later = await ada.page.context().newPage()
  await later.goto(new URL('/', link).href)
  const entry = later.getByTestId('recent').getByRole('link')
  await expect(entry).toBeVisible()
  await deployNewerBuild({ page: later })
  await entry.click()
  await expect(later.getByTestId('seal')).toHaveAttribute('data-state', 'sealed')
  await expect(later).toHaveURL(link)
})

test('a damaged invite link lets nobody in by mistake', async ({ invite }) => {
  const ada = await invite('Ada')
  await ada.page.goto(ada.link(`key=${createRoomKey().slice(1)}`))
  await expect(ada.page.getByRole('heading', { name: 'This invite link is damaged' })).toBeVisible()
})
