import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'

test('a camera whose background cannot be hidden is turned off, unseen, until the person decides', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.page.addInitScript(() => localStorage.setItem('patchbay.background', 'blur'))
  const fetched: string[] = []
  ada.page.context().on('request', (request) => fetched.push(request.url()))
  await ada.page.context().route('**/*.tflite', (route) => route.abort())
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  expect(
    fetched.some((url) => url.includes('vision_wasm')),
    'nothing is fetched before it is used',
  ).toBe(false)
  await ada.page.getByRole('button', { name: 'Turn camera on' }).click()
  const notice = ada.page.getByRole('dialog', { name: 'Your camera was turned off' })
  await expect(notice).toBeVisible()
  await expect(ada.page.getByRole('button', { name: 'Turn camera on' })).toBeVisible()
  const received = () =>
    bob.page.evaluate(async () => {
      const { made } = window as unknown as { made: RTCPeerConnection[] }
      const reports = await Promise.all(made.map((connection) => connection.getStats()))
      return reports.flatMap((report) => [...report.values()] as RTCStats[]).filter(isVideo).length
      function isVideo(stats: RTCStats): boolean {
        return stats.type === 'inbound-rtp' && (stats as RTCInboundRtpStreamStats).kind === 'video'
      }
    })
  expect(await received(), 'nobody was sent any picture').toBe(0)
  await notice.getByRole('button', { name: 'Show me and my background' }).click()
  await bob.watches(ada)
})
