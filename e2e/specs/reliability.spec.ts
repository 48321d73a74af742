import type { Browser } from '@playwright/test'
import { expect, test } from '../support/fixtures.ts'
import { allConnected, type Person } from '../support/person.ts'
import { scaled } from '../support/scaled.ts'

/** Delays everything on a page's signaling line by 0–300 ms, in order. */
async function makeLate({ page }: Person): Promise<void> {
  const wait = () => new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 300))
  await page.route(/\/poll/, async (route) => {
    await wait()
    await route.continue()
  })
  await page.routeWebSocket(/\/(ws|mqtt)$|\/ws\?/, (near) => {
    const far = near.connectToServer()
    const late = (send: (message: string | Buffer) => void) => {
      let before = Promise.resolve()
      return (message: string | Buffer) => {
        before = Promise.all([before, wait()]).then(() => send(message))
      }
    }
    near.onMessage(late((message) => far.send(message)))
    far.onMessage(late((message) => near.send(message)))
  })
}

/** The negotiated state of the page's newest connection. */
const agreed = ({ page }: Person) =>
  page.evaluate(() => {
    const connection = (window as unknown as { made: RTCPeerConnection[] }).made.at(-1)
    const sdp = connection?.currentLocalDescription?.sdp ?? ''
    return {
      made: (window as unknown as { made: RTCPeerConnection[] }).made.length,
      state: connection?.signalingState,
      lines: [...sdp.matchAll(/^m=(\w+)/gm)].map(([, kind]) => kind ?? ''),
      directions: Object.fromEntries(
        connection?.getTransceivers().map(({ mid, currentDirection }) => [mid ?? 'none', currentDirection ?? 'none']) ??
          [],
      ),
    }
  })

const mirrored: Record<string, string> = { sendonly: 'recvonly', recvonly: 'sendonly' }

test('[R20] adding and removing tracks at both ends at once always converges', async ({ invite }) => {
  const rounds = scaled(5, 500)
  test.setTimeout(60_000 + rounds * 4_000)
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  const failures: string[] = []
  for (const person of [ada, bob]) {
    person.page.on('pageerror', (error) => failures.push(String(error)))
    await makeLate(person)
  }
  // Both join at once, over delayed lines, so offers cross from the first one on.
  await Promise.all([ada.enter(), bob.enter()])
  await allConnected(ada, bob)
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all([ada.turnOnCamera(), bob.turnOnCamera()])
    await Promise.all([ada.watches(bob), bob.watches(ada)])
    await Promise.all([ada.turnOffCamera(), bob.turnOffCamera()])
    await expect(ada.tile('Bob').locator('video')).toHaveCount(0)
    await expect(bob.tile('Ada').locator('video')).toHaveCount(0)
  }
  const settled = async () => {
    const [here, there] = await Promise.all([agreed(ada), agreed(bob)])
    const flipped = Object.entries(there.directions).map(([mid, direction]) => [mid, mirrored[direction] ?? direction])
    return { states: [here.state, there.state], here: here.directions, there: Object.fromEntries(flipped) as object }
  }
  await expect(async () => {
    const { states, here, there } = await settled()
    expect(states).toEqual(['stable', 'stable'])
    expect(here).toEqual(there)
  }).toPass({ timeout: 15_000 })
  const { made, lines } = await agreed(ada)
  expect(made, 'one connection lasted').toBe(1)
  expect(lines.filter((kind) => kind === 'video').length, 'media sections are used again').toBeLessThanOrEqual(4)
  expect(failures).toEqual([])
})

/** Process ids of the browser's pages. */
async function renderers(browser: Browser): Promise<number[]> {
  const devtools = await browser.newBrowserCDPSession()
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
  await devtools.detach()
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
}

test('[R21] a frozen page is away, and live again when it resumes', async ({ invite, browser }) => {
  test.setTimeout(120_000)
  const ada = await invite('Ada')
  await ada.enter()
  const others = await renderers(browser)
  const bob = await invite('Bob')
  await bob.enter()
  await allConnected(ada, bob)
  const processes = (await renderers(browser)).filter((id) => !others.includes(id))
  expect(processes).not.toEqual([])
  try {
    for (const id of processes) process.kill(id, 'SIGSTOP')
    await expect(ada.peer('Bob').filter({ hasText: 'connected' })).toHaveCount(0, { timeout: 20_000 })
    await ada.page.waitForTimeout(scaled(2_000, 50_000))
  } finally {
    for (const id of processes) process.kill(id, 'SIGCONT')
  }
  await allConnected(ada, bob)
  await ada.say('welcome back')
  await expect(bob.message('welcome back')).toHaveCount(1)
  await bob.say('thanks')
  await expect(ada.message('thanks')).toHaveCount(1)
})

test('[R21] a page whose timers are suspended, as in a hidden tab, stays present', async ({ invite }) => {
  test.setTimeout(60_000 + scaled(9_000, 600_000))
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await bob.page.clock.install()
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  await bob.page.clock.pauseAt(Date.now() + 1_000)
  await ada.page.waitForTimeout(scaled(9_000, 600_000))
  await expect(ada.peer('Bob')).toContainText('connected')
  await ada.say('still there?')
  // Bob's page confirms it, though it draws nothing before its timers go on.
  await expect(ada.message('still there?')).toBeVisible()
  await expect(ada.page.getByText('Nobody has this yet')).toHaveCount(0)
  // Longer than a member is kept that answers heartbeats and confirms nothing.
  await ada.page.waitForTimeout(9_000)
  await bob.page.clock.resume()
  await expect(bob.message('still there?')).toHaveCount(1)
  await allConnected(ada, bob)
  for (const person of [ada, bob]) expect(await person.connections()).toEqual(['stable'])
})
