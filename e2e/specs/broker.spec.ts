import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'

test('the call goes on while the broker is killed and restarted, and everyone returns to it', async ({
  invite,
  deployment,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  await ada.turnOnCamera()
  await bob.watches(ada)
  const online = deployment.mosquitto?.restart()
  await expect(ada.status).toContainText('your call goes on')
  await online
  await ada.say('on our own channel')
  await expect(bob.message('on our own channel')).toHaveCount(1)
  await expect(ada.status).toBeEmpty()
  await expect(bob.status).toBeEmpty()
  await bob.watches(ada)
  for (const person of [ada, bob]) {
    await expect(person.line).toContainText('MQTT')
    expect(await person.connections()).toEqual(['stable'])
    await expect(person.page.getByTestId('notice').filter({ hasText: 'lost the connection' })).toHaveCount(0)
  }
})
