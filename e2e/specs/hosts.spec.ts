import { expectAccessible } from '../support/accessible.ts'
import { expect, test } from '../support/fixtures.ts'
import { noticesOf, ownNotices, setVisibility } from '../support/notices.ts'
import { allConnected, type Person } from '../support/person.ts'

const lock = ({ page }: Person) => page.getByRole('button', { name: 'Ask before letting people in' })

async function openPeople({ page }: Person): Promise<void> {
  await page.getByTestId('people').click()
  await expect(page.getByRole('dialog', { name: 'People' })).toBeVisible()
}

async function closePeople({ page }: Person): Promise<void> {
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog', { name: 'People' })).toHaveCount(0)
}

test('whoever opens a room locks it, lets one in and turns another away, also after a reload', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  const [cyd, eve] = [await invite('Cyd'), await invite('Eve')]
  for (const { page } of [ada, cyd]) {
    await page.addInitScript(ownNotices, 'granted')
    await page.addInitScript(() => localStorage.setItem('patchbay.notices', 'on'))
  }
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  await openPeople(bob)
  await expect(lock(bob)).toHaveCount(0)
  await expect(bob.page.getByTestId('person')).toContainText('Host')
  await closePeople(bob)
  await openPeople(ada)
  await lock(ada).click()
  await expect(lock(ada)).toHaveAttribute('aria-pressed', 'true')
  await closePeople(ada)
  await expect(bob.page.getByTestId('people').getByRole('img', { name: 'Locked' })).toBeVisible()

  await setVisibility(ada.page, 'hidden')
  await cyd.page.goto(cyd.link())
  await expect(cyd.page.getByRole('heading', { name: 'This room is locked' })).toBeVisible()
  await expect.poll(() => noticesOf(ada.page)).toContain('Cyd would like to come in')
  await setVisibility(ada.page, 'visible')
  // Whoever waits sees what they come with, and turns it off.
  await cyd.turnOnCamera()
  await expect(cyd.page.getByLabel('Your video')).toBeVisible()
  await expectAccessible(cyd.page)
  await cyd.turnOffCamera()
  await expect(cyd.page.getByLabel('Your video')).toHaveCount(0)
  await expect(cyd.page).toHaveTitle(/^This room is locked/)
  await setVisibility(cyd.page, 'hidden')
  const knocks = ada.page.getByTestId('knocks')
  await expect(knocks.getByRole('status')).toHaveText('Cyd would like to come in')
  await expect(bob.page.getByTestId('knocks').getByRole('button')).toHaveCount(0)
  await knocks.getByRole('button', { name: 'Let in: Cyd' }).click()
  await expect(knocks.getByRole('button')).toHaveCount(0)
  await allConnected(ada, bob, cyd)
  await expect.poll(() => noticesOf(cyd.page)).toContain('You have been let in.')
  await expect(cyd.page).not.toHaveTitle(/locked/)

  // Its browser has the key.
  await ada.enter()
  await allConnected(ada, bob, cyd)
  await eve.page.goto(eve.link())
  await expect(knocks.getByRole('button', { name: 'Turn away: Eve' })).toBeVisible()
  // Firefox tells only the window in front what has the focus.
  await ada.page.bringToFront()
  await knocks.getByRole('button', { name: 'Turn away: Eve' }).focus()
  await eve.page.goto('about:blank')
  await expect(knocks.getByRole('button')).toHaveCount(0)
  await expect(ada.page.getByRole('textbox', { name: 'Message' }), 'the focus is not lost').toBeFocused()
  await eve.page.goto(eve.link())
  await knocks.getByRole('button', { name: 'Turn away: Eve' }).click()
  await expect(eve.page.getByRole('heading', { name: 'You are not in this room any more' })).toBeVisible()
  await eve.page.getByRole('button', { name: 'Try again' }).click()
  await expect(eve.page.getByRole('heading', { name: 'You are not in this room any more' })).toBeVisible()
  await expect(knocks.getByRole('button')).toHaveCount(0)
})

test('a member that a host removes is out of the room and of everybody’s call', async ({ invite }) => {
  const [ada, bob, cyd] = [await invite('Ada'), await invite('Bob'), await invite('W'.repeat(64))]
  for (const one of [ada, bob, cyd]) await one.enter()
  await allConnected(ada, bob, cyd)
  await bob.turnOnCamera()
  await ada.watches(bob)
  await openPeople(ada)
  const before = ada.page.viewportSize() ?? { width: 1280, height: 720 }
  await ada.page.setViewportSize({ width: 320, height: 640 })
  await ada.page.getByRole('button', { name: /^Remove from the room: W+$/ }).click()
  await expect(ada.page.getByRole('button', { name: /^Really remove W+/ })).toBeVisible()
  const list = ada.page.getByRole('dialog').locator('ul')
  const over = await list.evaluate(({ parentElement: frame }) => frame!.scrollWidth - frame!.clientWidth)
  expect(over, 'a long name fits on a phone').toBe(0)
  await ada.page.setViewportSize(before)
  const row = ada.page.getByTestId('person').and(ada.page.locator('[data-name=Bob]'))
  const ask = row.getByRole('button', { name: 'Remove from the room: Bob' })
  const sure = row.getByRole('button', { name: 'Really remove Bob?' })
  await ask.dblclick()
  await expect(sure).toBeFocused()
  await ada.page.keyboard.press('Shift+Tab')
  await ask.focus()
  for (const _ of ['pressed', 'held', 'held']) await ada.page.keyboard.down('Enter')
  await ada.page.keyboard.up('Enter')
  await bob.say('I am still here')
  await expect(ada.message('I am still here'), 'a double click or a held key removes nobody').toBeVisible()
  await sure.click()
  await expect(row).toHaveCount(0)
  await closePeople(ada)
  await expect(bob.page.getByRole('heading', { name: 'You are not in this room any more' })).toBeVisible()
  await allConnected(ada, cyd)
  const open = (person: Person) => person.connections().then((states) => states.filter((state) => state !== 'closed'))
  await expect.poll(() => open(bob)).toEqual([])
  const cameras = () =>
    bob.page.evaluate(() => {
      const { made } = window as unknown as { made: RTCPeerConnection[] }
      return made.flatMap((connection) => connection.getSenders()).flatMap(({ track }) => track?.readyState ?? [])
    })
  expect(await cameras(), 'its camera is off').not.toContain('live')
  await bob.page.reload()
  await expect(bob.page.getByRole('heading', { name: 'You are not in this room any more' })).toBeVisible()
})
