import { expectAccessible } from '../support/accessible.ts'
import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'
import { scaled } from '../support/scaled.ts'

test('three people who come in any order are all connected to each other', async ({ invite }) => {
  const people = [await invite('Ada'), await invite('Bob'), await invite('Cleo')]
  const [ada, bob, cleo] = people
  await bob?.enter()
  await Promise.all([cleo?.enter(), ada?.enter()])
  await allConnected(...people)
  for (const person of people) await person.say(`I am ${person.name}`)
  for (const person of people) {
    for (const other of people) await expect(person.message(`I am ${other.name}`)).toHaveCount(1)
  }
})

test('a person who leaves disappears for the others at once', async ({ invite }) => {
  const [ada, bob, cleo] = [await invite('Ada'), await invite('Bob'), await invite('Cleo')]
  for (const person of [ada, bob, cleo]) await person.enter()
  await allConnected(ada, bob, cleo)
  await bob.page.getByRole('button', { name: 'Leave' }).click()
  await Promise.all([ada, cleo].map((person) => expect(person.peer('Bob')).toHaveCount(0, { timeout: 1_000 })))
  await expect(ada.page.getByTestId('notice').filter({ hasText: 'Bob left' })).toBeVisible()
  await expect(bob.page.getByRole('status').filter({ hasText: 'You left the room' })).toBeVisible()
  await ada.sees(cleo)
})

test('a tab that dies without goodbye is gone within 8 s', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  const devtools = await bob.page.context().newCDPSession(bob.page)
  void devtools.send('Page.crash').catch(() => undefined)
  await expect(ada.peer('Bob')).toHaveCount(0, { timeout: 8_000 })
  await expect(ada.page.getByTestId('notice').filter({ hasText: 'Bob lost the connection' })).toBeVisible()
})

test('a reload returns to the room, and nobody is seen twice for longer than 1 s', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  // Measures on Ada's page for how long more than one Bob is shown.
  await ada.page.evaluate(() => {
    const notes = { since: undefined as number | undefined, longestMs: 0 }
    Object.assign(window, { doubles: notes })
    const look = () => {
      const doubled = document.querySelectorAll('[data-testid=peer][data-name=Bob]').length > 1
      if (doubled) notes.since ??= performance.now()
      else notes.since = undefined
      if (notes.since !== undefined) notes.longestMs = Math.max(notes.longestMs, performance.now() - notes.since)
      requestAnimationFrame(look)
    }
    look()
  })
  for (let round = 0; round < 3; round += 1) {
    await bob.page.reload()
    await allConnected(ada, bob)
  }
  const { longestMs } = await ada.page.evaluate(() => (window as unknown as { doubles: { longestMs: number } }).doubles)
  expect(longestMs).toBeLessThan(1_000)
  await bob.say('back again')
  await expect(ada.message('back again')).toHaveCount(1)
})

test('quick visits, one after the other, leave no residue', async ({ invite, deployment }) => {
  const visits = scaled(6, 12)
  const health = async () => {
    const answer = await fetch(`http://127.0.0.1:${deployment.signalingPort}/healthz`)
    return (await answer.json()) as { sessions: number; rooms: number }
  }
  const before = await health()
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  for (let round = 0; round < visits; round += 1) {
    await bob.enter()
    await expect(ada.peers).toHaveCount(1)
    // Sometimes before the connection is established, sometimes after.
    if (round % 2 === 0) await ada.sees(bob)
    await bob.page.getByRole('button', { name: 'Leave' }).click()
    await expect(ada.peers).toHaveCount(0)
  }
  await expect.poll(() => ada.connections()).toEqual(Array.from({ length: visits }, () => 'closed'))
  // Sessions of earlier tests may still be in their resume window; their number can only decrease.
  const after = await health()
  expect(after.sessions).toBeLessThanOrEqual(before.sessions + 1)
  expect(after.rooms).toBeLessThanOrEqual(before.rooms + 1)
})

test('a full room says so, and lets people in when someone has left', async ({ invite }) => {
  const inside = [await invite('Ada'), await invite('Bob'), await invite('Cleo'), await invite('Dan')]
  for (const person of inside) await person.enter()
  const eve = await invite('Eve')
  await eve.page.goto(eve.link())
  await expect(eve.page.getByRole('alert').filter({ hasText: 'This room is full' })).toBeVisible()
  await expectAccessible(eve.page)
  await inside[3]?.page.getByRole('button', { name: 'Leave' }).click()
  await expect(inside[0]?.peer('Dan') ?? eve.peers).toHaveCount(0)
  await eve.page.getByRole('button', { name: 'Try again' }).click()
  await expect(eve.peers).toHaveCount(3)
})

test('a copied tab takes the session over, and the first tab can take it back', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  const secret = await bob.page.evaluate(() => sessionStorage.getItem('patchbay.secret'))
  const copy = await invite('Bob')
  await copy.page.addInitScript((value) => sessionStorage.setItem('patchbay.secret', value ?? ''), secret)
  await copy.enter()
  await expect(bob.page.getByRole('alert').filter({ hasText: 'taken over by another tab' })).toBeVisible()
  await allConnected(ada, copy)
  await bob.page.getByRole('button', { name: 'Use it here instead' }).click()
  await expect(copy.page.getByRole('alert').filter({ hasText: 'taken over by another tab' })).toBeVisible()
  await allConnected(ada, bob)
})
