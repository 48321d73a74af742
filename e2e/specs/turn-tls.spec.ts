import { findProgram } from '@patchbay/test-servers'
import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'
import { relayOnly } from '../support/relay-only.ts'

test.use({ turn: 'tls' })

// Installed by `pnpm test`; a machine whose package manager has none goes without this.
test.skip(
  ['turnserver', 'openssl'].some((name) => findProgram(name) === undefined),
  'no coturn or no OpenSSL',
)

test('where nothing but TLS gets through, calls go by way of TURN over TLS, and the check of the connection says so', async ({
  invite,
  deployment,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) {
    await person.page.addInitScript(relayOnly)
    await person.enter()
  }
  await allConnected(ada, bob)
  await expect(ada.peer('Bob')).toContainText('connected via relay')
  await ada.turnOnCamera()
  await bob.watches(ada)
  const protocols = await ada.page.evaluate(async () => {
    const [made] = (window as unknown as { made: RTCPeerConnection[] }).made
    const report = [...((await made?.getStats()) ?? new Map()).values()] as { type: string; relayProtocol?: string }[]
    return report.flatMap(({ type, relayProtocol }) => (type === 'local-candidate' ? [relayProtocol] : []))
  })
  expect(new Set(protocols)).toEqual(new Set(['tls']))
  await bob.page.goto(`${deployment.origin}/check`)
  await bob.page.getByRole('button', { name: 'Start' }).click()
  const row = bob.page.getByTestId('check-row').filter({ hasText: 'TURN/TLS' })
  await expect(row).toContainText('ms', { timeout: 40_000 })
})
