import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'

test('a camera whose background cannot be hidden is sent to nobody, and turned off until the person decides', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.page.addInitScript(() => localStorage.setItem('patchbay.background', 'blur'))
  const fetched: string[] = []
  ada.page.context().on('request', (request) => fetched.push(request.url()))
  let fail = () => {}
  const failed = new Promise<void>((resolve) => (fail = resolve))
  await ada.page.context().route('**/*.tflite', async (route) => {
    await failed
    await route.abort()
  })
  await ada.enter()
  await expect(ada.page.getByRole('button', { name: 'Turn camera on' })).toBeEnabled()
  expect(
    fetched.some((url) => url.includes('vision_wasm')),
    'nothing is fetched before it is used',
  ).toBe(false)
  await ada.turnOnCamera()
  await expect(ada.tile('Ada (you)')).toContainText('Preparing the background')
  await expect.poll(() => fetched.some((url) => url.includes('.tflite'))).toBe(true)
  // Whoever comes now is sent what is on.
  await ada.page.getByRole('button', { name: 'Turn microphone on' }).click()
  await bob.enter()
  await allConnected(ada, bob)
  await bob.hears(ada)
  const everSent = () =>
    ada.page.evaluate(() =>
      (window as unknown as { made: RTCPeerConnection[] }).made
        .flatMap((connection) => connection.getSenders())
        .some(({ track }) => track?.kind === 'video'),
    )
  expect(await everSent(), 'it is held back until it is ready').toBe(false)
  fail()
  const notice = ada.page.getByRole('dialog', { name: 'Your camera was turned off' })
  await expect(notice).toBeVisible()
  await expect(ada.page.getByRole('button', { name: 'Turn camera on' })).toBeVisible()
  expect(await everSent()).toBe(false)
  await notice.getByRole('button', { name: 'Show me and my background' }).click()
  await bob.watches(ada)
})
