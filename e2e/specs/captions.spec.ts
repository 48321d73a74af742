import { expectAccessible } from '../support/accessible.ts'
import { expect, test } from '../support/fixtures.ts'
import { type OwnRecognizer, ownRecognizer } from '../support/own-recognizer.ts'
import { allConnected, type Person } from '../support/person.ts'

type Listening = Window & { readonly own: OwnRecognizer }

const openCaptions = async ({ page }: Person) => {
  await page.getByRole('button', { name: 'View', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Captions' }).click()
  return page.getByRole('dialog', { name: 'Captions' })
}
const listening = ({ page }: Person) => page.evaluate(() => (window as unknown as Listening).own.listening)
const hear = ({ page }: Person, text: string, isFinal: boolean) =>
  page.evaluate(([said, final]) => (window as unknown as Listening).own.hear(said, final), [text, isFinal] as const)

test('what one says is recognized on the device while somebody reads and one allows it', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.page.addInitScript(ownRecognizer)
  // As chosen before: nothing but the person's consent is missing.
  await ada.page.addInitScript(() => localStorage.setItem('patchbay.captions.language', 'en-US'))
  // Its browser would send to a server what it hears.
  await bob.page.addInitScript(() => {
    Reflect.deleteProperty(
      (window as unknown as { SpeechRecognition: { prototype: object } }).SpeechRecognition.prototype,
      'processLocally',
    )
  })
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await ada.page.getByRole('button', { name: 'Turn microphone on' }).click()
  await expect(bob.tile('Ada')).toBeVisible()

  const bobs = await openCaptions(bob)
  await bobs.getByRole('switch', { name: 'Show captions' }).click()
  await expect(bobs.getByRole('switch', { name: 'Caption what I say' })).toHaveCount(0)
  await expect(ada.page.getByText('Bob reads captions')).toBeVisible()
  await ada.page.getByRole('button', { name: 'Captions…' }).click()
  const adas = ada.page.getByRole('dialog', { name: 'Captions' })
  await expectAccessible(bob.page)
  await bob.page.keyboard.press('Escape')
  // What recognizes was fetched before the question was shown.
  expect(await listening(ada), 'nothing is recognized before its person allows it').toBeUndefined()
  await adas.getByLabel('Language I speak').selectOption('de-DE')
  const send = adas.getByRole('switch', { name: 'Caption what I say' })
  await expect(send).toBeDisabled()
  await adas.getByRole('button', { name: 'Download the language' }).press('Enter')
  await expect(send, 'the focus goes on from the button').toBeFocused()
  await ada.page.keyboard.press('Space')
  await expect(adas).toContainText('What you say is read by Bob.')
  await expectAccessible(ada.page)
  await ada.page.keyboard.press('Escape')
  await expect.poll(() => listening(ada)).toEqual({ lang: 'de-DE', local: true, track: 'audio live' })

  const shown = bob.page.getByTestId('caption')
  const announced = bob.page.getByRole('log', { name: 'Captions' })
  await hear(ada, 'Guten Mor', false)
  await expect(shown).toHaveText('AdaGuten Mor')
  await expect(announced).toBeEmpty()
  await hear(ada, 'Guten Morgen', true)
  await expect(shown).toHaveText('AdaGuten Morgen')
  await expect(announced).toHaveText('Ada: Guten Morgen')

  await bob.page.getByRole('button', { name: 'Full screen: Ada' }).click()
  await hear(ada, 'Bist du da?', false)
  await expect(bob.tile('Ada').getByTestId('caption').last(), 'over a tile that fills the screen').toContainText(
    'Bist du da?',
  )
  await bob.page.getByRole('button', { name: 'Leave full screen: Ada' }).click()
  await expect(bob.tile('Ada').getByTestId('caption')).toHaveCount(0)

  await ada.page.getByRole('button', { name: 'Mute', exact: true }).click()
  await expect.poll(() => listening(ada)).toBeUndefined()
  await ada.page.getByRole('button', { name: 'Unmute', exact: true }).click()
  await expect.poll(() => listening(ada)).toBeDefined()

  // The last words come when the person has already said that they are not to be read.
  await (await openCaptions(ada)).getByRole('switch', { name: 'Caption what I say' }).click()
  await expect.poll(() => listening(ada)).toBeUndefined()
  await hear(ada, 'Nicht für euch', true)
  await adas.getByRole('switch', { name: 'Caption what I say' }).click()
  await expect.poll(() => listening(ada)).toBeDefined()
  await ada.page.keyboard.press('Escape')
  await hear(ada, 'Wieder da', true)
  await expect(announced).toContainText('Ada: Wieder da')
  // At once: a line goes by itself.
  expect(await announced.textContent(), 'nothing is sent that its person does not want read').not.toContain('Nicht')
  await expect(shown, 'it goes by itself').toHaveCount(0)
  await bob.page.reload()
  await bob.sees(ada)
  // What is said before the page has its code is not shown.
  await expect(async () => {
    await hear(ada, 'Noch da?', false)
    await expect(shown, 'who loads the page anew still reads').toHaveText('AdaNoch da?', { timeout: 500 })
  }).toPass()
  await (await openCaptions(bob)).getByRole('switch', { name: 'Show captions' }).click()
  await expect.poll(() => listening(ada), 'nobody reads any more').toBeUndefined()
})
