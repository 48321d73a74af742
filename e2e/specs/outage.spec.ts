import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'

test.afterEach(async ({ deployment }) => {
  await deployment.signaling.stop('SIGKILL')
  await deployment.signaling.start()
})

test('[S7] [R11] the call goes on while the server is dead, and a newcomer joins it after the restart', async ({
  invite,
  deployment,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  await ada.turnOnCamera()
  await bob.turnOnCamera()
  await Promise.all([ada.watches(bob), bob.watches(ada)])
  const before = [ada.described(), bob.described()]

  await deployment.signaling.stop('SIGKILL')
  await expect(ada.status).toContainText('your call goes on')
  await expect(bob.status).toContainText('your call goes on')
  const frames = await ada.framesOf(bob)
  await expect.poll(() => ada.framesOf(bob), { message: 'frames keep arriving' }).toBeGreaterThan(frames + 15)
  await ada.say('can you hear me without it?')
  await expect(bob.message('can you hear me without it?')).toBeVisible()
  await bob.say('loud and clear')
  await expect(ada.message('loud and clear')).toBeVisible()
  // A camera turned off and on without a server: renegotiation uses the peers' own channel.
  await bob.turnOffCamera()
  await bob.turnOnCamera()
  await ada.watches(bob)

  await deployment.signaling.start()
  await expect(ada.status).toBeEmpty()
  await expect(bob.status).toBeEmpty()
  await expect(ada.page.getByRole('status').filter({ hasText: 'The connection to the server is back.' })).toBeAttached()
  await allConnected(ada, bob)
  const cleo = await invite('Cleo')
  await cleo.enter()
  await allConnected(ada, bob, cleo)
  await cleo.watches(bob)
  await ada.watches(bob)

  for (const [index, person] of [ada, bob].entries()) {
    const other = person === ada ? bob : ada
    expect(await person.connections(), 'one connection to each other, one to Cleo').toEqual(['stable', 'stable'])
    const old = before[index] ?? []
    const since = person.described().slice(old.length)
    expect(since.length, 'Cleo was answered').toBeGreaterThan(0)
    expect(
      since.filter((to) => old.includes(to)),
      'nothing was offered anew to the other',
    ).toEqual([])
    await expect(person.page.getByTestId('notice').filter({ hasText: `${other.name} l` })).toHaveCount(0)
  }
})

test('[S9] a server that shuts down says so, exits cleanly, and no connection is rebuilt', async ({
  invite,
  deployment,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  expect(await deployment.signaling.stop('SIGTERM')).toBe(0)
  await expect(ada.status).toContainText(/restarting|call goes on/)
  await deployment.signaling.start()
  await expect(ada.status).toBeEmpty()
  await allConnected(ada, bob)
  await bob.say('the same line as before')
  await expect(ada.message('the same line as before')).toHaveCount(1)
  for (const person of [ada, bob]) expect(await person.connections()).toEqual(['stable'])
})

test('a person who arrives while the server is down gets in when it is back', async ({ invite, deployment }) => {
  const ada = await invite('Ada')
  await deployment.signaling.stop('SIGKILL')
  await ada.enter()
  await expect(ada.status).toContainText('Trying again')
  await deployment.signaling.start()
  await expect(ada.status).toBeEmpty()
})
