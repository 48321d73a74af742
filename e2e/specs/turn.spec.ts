import { findProgram } from '@patchbay/test-servers'
import { expect, test } from '../support/fixtures.ts'
import type { Person } from '../support/person.ts'
import { relayedCall } from '../support/relayed-call.ts'

/** TURN user names that the page's connections currently have. */
const logins = (person: Person) =>
  person.page.evaluate(() =>
    (window as unknown as { made: RTCPeerConnection[] }).made.flatMap((made) =>
      (made.getConfiguration().iceServers ?? []).map(({ username }) => username),
    ),
  )

// Installed by `pnpm test --install`; skipped where the package manager does not have it.
test.skip(findProgram('turnserver') === undefined, 'no coturn is installed')

test('where nothing else gets through, calls use the TURN server, and its credentials are renewed in time', async ({
  invite,
}) => {
  const { ada, bob } = await relayedCall(invite)
  const [before] = await logins(ada)
  expect(before).toMatch(/^\d{10}:[\w-]{22}$/)
  // The credentials are valid for 30 s.
  await expect.poll(() => logins(ada), { timeout: 28_000 }).not.toEqual([before])
  await bob.watches(ada)
  expect(await ada.connections(), 'no connection was remade').toEqual(['stable'])
})
