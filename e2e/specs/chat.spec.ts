import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'

test('two people chat both ways', async ({ invite }) => {
  const ada = await invite('Ada')
  const bob = await invite('Bob')
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  await ada.say('Hello Bob')
  await expect(bob.message('Hello Bob')).toBeVisible()
  await bob.say('Hello Ada')
  await expect(ada.message('Hello Ada')).toBeVisible()
})
