import { expect, test } from '../support/fixtures.ts'
import { allConnected, type Person } from '../support/person.ts'

const candidates = (...people: Person[]) => people.map((person) => person.sent('ice_candidate'))

for (const starts of ['the one who came first', 'the one who came second'] as const) {
  test(`${starts} turns the camera on, over the same connection, and off again`, async ({ invite }) => {
    const [ada, bob] = [await invite('Ada'), await invite('Bob')]
    await ada.enter()
    await bob.enter()
    await allConnected(ada, bob)
    const [caller, viewer] = starts === 'the one who came first' ? [ada, bob] : [bob, ada]
    await Promise.all([ada.hasSaidAll(), bob.hasSaidAll()])
    const before = candidates(ada, bob)
    await caller.turnOnCamera()
    await viewer.watches(caller)
    await caller.turnOffCamera()
    await expect(viewer.tile(caller.name)).toHaveCount(0)
    await caller.turnOnCamera()
    await viewer.watches(caller)
    await viewer.turnOnCamera()
    await caller.watches(viewer)
    expect(candidates(ada, bob), 'no ICE candidate crosses the signaling line during an upgrade').toEqual(before)
    await caller.say('still talking')
    await expect(viewer.message('still talking')).toHaveCount(1)
  })
}

test('both turn their cameras on at the same moment', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  await Promise.all([ada.hasSaidAll(), bob.hasSaidAll()])
  const before = candidates(ada, bob)
  for (let round = 0; round < 3; round += 1) {
    await Promise.all([ada.turnOnCamera(), bob.turnOnCamera()])
    await Promise.all([ada.watches(bob), bob.watches(ada)])
    await Promise.all([ada.turnOffCamera(), bob.turnOffCamera()])
    await expect(ada.page.getByTestId('tile')).toHaveCount(0)
    await expect(bob.page.getByTestId('tile')).toHaveCount(0)
  }
  expect(candidates(ada, bob)).toEqual(before)
})

test('a newcomer sees those whose cameras are on', async ({ invite }) => {
  const [ada, bob, cleo] = [await invite('Ada'), await invite('Bob'), await invite('Cleo')]
  await ada.enter()
  await ada.turnOnCamera()
  await bob.enter()
  await bob.watches(ada)
  await bob.turnOnCamera()
  await cleo.enter()
  await Promise.all([cleo.watches(ada), cleo.watches(bob), ada.watches(bob)])
})

test('the others are told when a microphone is muted, and hear nothing of it', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  await ada.page.getByRole('button', { name: 'Turn microphone on' }).click()
  await bob.hears(ada)
  await ada.page.getByRole('button', { name: 'Mute', exact: true }).click()
  await expect(bob.tile('Ada')).toContainText('muted')
  await bob.hearsNothing()
  await ada.page.getByRole('button', { name: 'Unmute' }).click()
  await expect(bob.tile('Ada')).not.toContainText('muted')
  await bob.hears(ada)
})

test('no camera is requested before the person asks, and a refusal says what to do', async ({ invite }) => {
  const ada = await invite('Ada', { permissions: [] })
  await ada.page.addInitScript(() => {
    const calls: unknown[] = []
    Object.assign(window, { calls })
    const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
    navigator.mediaDevices.getUserMedia = (constraints) => {
      calls.push(constraints)
      return original(constraints)
    }
  })
  await ada.enter()
  await ada.say('just chatting')
  expect(await ada.page.evaluate(() => (window as unknown as { calls: unknown[] }).calls)).toEqual([])
  await ada.page.getByRole('button', { name: 'Turn camera on' }).click()
  await expect(ada.page.getByText('does not let this page use the camera').first()).toBeVisible()
  await expect(ada.page.getByText('allow it there, and try again').first()).toBeVisible()
  await expect(ada.page.getByRole('button', { name: 'Turn camera on' })).toBeEnabled()
})

test('an insecure origin says why there is no camera, and chat goes on', async ({ invite, deployment, room }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.page.goto(`http://insecure.test:${deployment.webPort}/r/${room}`)
  await bob.enter()
  await allConnected(ada, bob)
  await ada.page.getByRole('button', { name: 'Turn microphone on' }).click()
  await expect(ada.page.getByText('Browsers give devices only to pages on https or localhost').first()).toBeVisible()
  await ada.say('words still work')
  await expect(bob.message('words still work')).toBeVisible()
})
