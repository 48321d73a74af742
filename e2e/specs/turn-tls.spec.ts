import { findProgram } from '@patchbay/test-servers'
import { expect, test } from '../support/fixtures.ts'
import { relayedCall } from '../support/relayed-call.ts'

test.use({ turn: 'tls' })

// Installed by `pnpm test --install`; skipped where the package manager does not have it.
test.skip(
  ['turnserver', 'openssl'].some((name) => findProgram(name) === undefined),
  'no coturn or no OpenSSL',
)

test('where only TLS gets through, calls use TURN over TLS, and the connection check says so', async ({
  invite,
  deployment,
}) => {
  const { ada, bob } = await relayedCall(invite)
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
