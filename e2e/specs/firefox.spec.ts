import { createHash, randomBytes } from 'node:crypto'
import { attach, card, save } from '../support/files.ts'
import { expect, type Invite, test } from '../support/fixtures.ts'
import { allConnected, expectLine, type Person } from '../support/person.ts'

// Ada is in Firefox, Bob in the other browser of the project: Chromium, or Firefox too.

/** Two people in the room, connected. */
async function meet(invite: Invite): Promise<readonly [Person, Person]> {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  return [ada, bob]
}

/** The same with both cameras on. */
async function call(invite: Invite): Promise<readonly [Person, Person]> {
  const [ada, bob] = await meet(invite)
  await Promise.all([ada.turnOnCamera(), bob.turnOnCamera()])
  await Promise.all([ada.watches(bob), bob.watches(ada)])
  return [ada, bob]
}

async function chatBothWays(ada: Person, bob: Person, about: string): Promise<void> {
  await ada.say(`Ada: ${about}`)
  await bob.say(`Bob: ${about}`)
  await expect(bob.message(`Ada: ${about}`)).toHaveCount(1)
  await expect(ada.message(`Bob: ${about}`)).toHaveCount(1)
}

test('chat goes both ways', async ({ invite }) => {
  const [ada, bob] = await meet(invite)
  await chatBothWays(ada, bob, 'hello')
})

test('cameras go on at either end over the same connection, and off and on again', async ({ invite }) => {
  const [ada, bob] = await meet(invite)
  for (const [caller, viewer] of [
    [ada, bob],
    [bob, ada],
  ] as const) {
    await caller.turnOnCamera()
    await viewer.watches(caller)
    await caller.turnOffCamera()
    await expect(viewer.tile(caller.name).locator('video')).toBeHidden()
    await caller.turnOnCamera()
    await viewer.watches(caller)
  }
  await ada.watches(bob)
  for (const person of [ada, bob]) expect(await person.connections()).toEqual(['stable'])
})

test('a microphone is heard, and muted', async ({ invite }) => {
  const [ada, bob] = await meet(invite)
  for (const [speaker, listener] of [
    [ada, bob],
    [bob, ada],
  ] as const) {
    await speaker.page.getByRole('button', { name: 'Turn microphone on' }).click()
    await listener.hears(speaker)
    await speaker.page.getByRole('button', { name: 'Mute', exact: true }).click()
    await expect(listener.tile(speaker.name)).toContainText('muted')
    await listener.hearsNothing()
    await speaker.page.getByRole('button', { name: 'Unmute' }).click()
    await expect(listener.tile(speaker.name)).not.toContainText('muted')
    await listener.hears(speaker)
  }
})

test('keys mute and raise a hand, a tile is pinned, and fills the screen', async ({ invite }) => {
  const [ada, bob] = await meet(invite)
  for (const [speaker, listener] of [
    [ada, bob],
    [bob, ada],
  ] as const) {
    const { page } = speaker
    await page.getByRole('button', { name: 'Turn microphone on' }).click()
    await page.getByRole('heading', { level: 1 }).click()
    await listener.hears(speaker)
    await page.keyboard.press('m')
    await expect(listener.tile(speaker.name)).toContainText('muted')
    await page.keyboard.press('h')
    await expect(listener.tile(speaker.name)).toContainText('hand up')
    await page.getByRole('button', { name: `Options for ${listener.name}`, exact: true }).click()
    await page.getByRole('menuitem', { name: 'Pin' }).click()
    await expect(speaker.tile(listener.name)).toContainText('pinned')
    await expect(page.getByRole('menu')).toHaveCount(0)
    // Firefox lets only the window in front fill the screen.
    await page.bringToFront()
    await page.getByRole('button', { name: `Full screen: ${listener.name}` }).click()
    await page.getByRole('button', { name: `Leave full screen: ${listener.name}` }).click()
    await expect(page.getByRole('button', { name: `Full screen: ${listener.name}` })).toBeVisible()
  }
})

test('a file arrives whole both ways, and can be saved', async ({ invite }) => {
  const [ada, bob] = await meet(invite)
  for (const [sender, receiver] of [
    [ada, bob],
    [bob, ada],
  ] as const) {
    const name = `from-${sender.name}.bin`
    const buffer = randomBytes(5 * 1024 * 1024)
    const hash = createHash('sha256').update(buffer).digest('hex')
    await attach(sender, { name, buffer })
    await card(receiver, name).getByRole('button', { name: 'Accept', exact: true }).click()
    await expect(card(receiver, name)).toContainText('received and checked')
    await expect(card(sender, name)).toContainText('arrived')
    await expect(card(receiver, name).locator('code')).toContainText(hash)
    expect(await save(receiver, name)).toBe(hash)
  }
})

test('a page that is reloaded in mid-call is back in it', async ({ invite }) => {
  const [ada, bob] = await call(invite)
  await ada.page.reload()
  await allConnected(ada, bob)
  await ada.watches(bob)
  await ada.turnOnCamera()
  await bob.watches(ada)
  await chatBothWays(ada, bob, 'after the reload')
})

test('the call goes on while the server is dead, and everyone is in the room when it is back', async ({
  invite,
  deployment,
}) => {
  const [ada, bob] = await call(invite)
  const before = [ada.described(), bob.described()]
  // On a busy machine Firefox may need a second try to get the call up.
  const made = [await ada.connections(), await bob.connections()]
  expect(before.flat(), 'what is sent is noted').not.toEqual([])
  await deployment.signaling.stop('SIGKILL')
  try {
    for (const person of [ada, bob]) await expect(person.status).toContainText('your call goes on')
    await chatBothWays(ada, bob, 'without a server')
    for (const [caller, viewer] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      await caller.turnOffCamera()
      await expect(viewer.tile(caller.name).locator('video')).toBeHidden()
      await caller.turnOnCamera()
      await viewer.watches(caller)
    }
  } finally {
    await deployment.signaling.start()
  }
  for (const person of [ada, bob]) await expect(person.status).toBeEmpty()
  await allConnected(ada, bob)
  await Promise.all([ada.watches(bob), bob.watches(ada)])
  await chatBothWays(ada, bob, 'with a server')
  expect([await ada.connections(), await bob.connections()], 'no connection was remade').toEqual(made)
  for (const person of [ada, bob]) {
    await expect(person.page.getByTestId('notice').filter({ hasText: 'lost the connection' })).toHaveCount(0)
  }
  expect([ada.described(), bob.described()], 'nothing was offered anew').toEqual(before)
})

test('another line is chosen in mid-call, and nothing is lost or remade', async ({ invite }) => {
  const [ada, bob] = await call(invite)
  const before = [ada.described(), bob.described()]
  // On a busy machine Firefox may need a second try to get the call up.
  const made = [await ada.connections(), await bob.connections()]
  expect(before.flat(), 'what is sent is noted').not.toEqual([])
  for (const label of ['Long-poll', 'MQTT', 'WebSocket']) {
    for (const [person, other] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      await person.chooseLine(label)
      // The notice goes away by itself, perhaps before everything is typed.
      const told = expect(person.page.getByText(`Now on ${label}`).first()).toBeVisible()
      await Promise.all([told, chatBothWays(ada, bob, `${person.name} to ${label}`)])
      await expect(person.line).toContainText(label)
      await expectLine(other, person.name, label)
    }
    await Promise.all([ada.watches(bob), bob.watches(ada)])
  }
  expect([await ada.connections(), await bob.connections()], 'no connection was remade').toEqual(made)
  for (const person of [ada, bob]) {
    await expect(person.page.getByTestId('notice').filter({ hasText: 'lost the connection' })).toHaveCount(0)
  }
  expect([ada.described(), bob.described()], 'nothing was offered anew').toEqual(before)
})
