import { createRoomKey } from '@patchbay/core/seal'
import { findProgram } from '@patchbay/test-servers'
import { expect, test } from '../support/fixtures.ts'
import { allConnected, type Person } from '../support/person.ts'

/** Runs in a page before its own scripts: records every candidate of its connections. */
function noteCandidates(): void {
  const found: string[] = []
  Object.assign(window, { found })
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      this.addEventListener('icecandidate', ({ candidate }) => candidate !== null && found.push(candidate.candidate))
    }
  }
}

/** Candidates that this page has gathered, and those in its descriptions. */
const found = ({ page }: Person) =>
  page.evaluate(() => {
    const { found: each, made } = window as unknown as { found: string[]; made: RTCPeerConnection[] }
    return [...each, ...made.flatMap((one) => one.localDescription?.sdp.match(/^a=candidate:.*$/gm) ?? [])]
  })

test('a room that hides addresses is made on the start page, and its invite says so', async ({ invite }) => {
  const ada = await invite('Ada')
  await ada.land()
  await ada.page.getByRole('checkbox', { name: 'Hide addresses' }).click()
  await ada.page.getByRole('button', { name: 'Create a room' }).click()
  await expect(ada.page.getByTestId('self')).toBeVisible()
  expect(new URL(ada.page.url()).hash).toMatch(/^#key=[\w-]{43}&relay$/)
  await ada.page.getByTestId('seal').click()
  await expect(ada.page.getByText('Addresses are hidden')).toBeVisible()
})

test('in a room that hides addresses only relay candidates leave a page', async ({ invite }) => {
  // Installed by `pnpm test`; skipped where the package manager does not have it.
  test.skip(findProgram('turnserver') === undefined, 'no coturn is installed')
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  const fragment = `key=${createRoomKey()}&relay`
  for (const person of [ada, bob]) {
    await person.page.addInitScript(noteCandidates)
    await person.enter(fragment)
  }
  await allConnected(ada, bob)
  await ada.turnOnCamera()
  await bob.watches(ada)
  for (const person of [ada, bob]) {
    const candidates = (await found(person)).filter((line) => line !== '')
    expect(candidates.length).toBeGreaterThan(0)
    for (const line of candidates) expect(line).toContain('typ relay')
  }
})
