import { findProgram } from '@patchbay/test-servers'
import { chromium, defineConfig } from '@playwright/test'
import { findChromium, findFirefox } from './support/browser.mjs'
import { exchanges } from './support/exchanges.ts'
import { firefoxOptions } from './support/firefox.ts'
import { servedPlugs, type WorkerOptions } from './support/fixtures.ts'

const executablePath = findChromium(chromium.executablePath())

/**
 * `E2E_EVERY_LINE=1`, as in `pnpm nightly`: everything over every line. Otherwise less, for the sake of time: pictures and
 * connections go from page to page whatever the line, and the transport contract's own tests cover every line.
 */
const isThorough = process.env.E2E_EVERY_LINE !== undefined
/** Specs of the room itself. */
const room = ['chat', 'media', 'mesh', 'outage', 'hosts'].map((name) => `${name}.spec.ts`)
const chatAndOutage = ['chat.spec.ts', 'outage.spec.ts']
const overLine = (line: string) => (isThorough ? room : line === 'longpoll' ? chatAndOutage : ['chat.spec.ts'])
const withTwoServers = isThorough ? [...room, 'lines.spec.ts'] : chatAndOutage
const overExchange = isThorough ? [...room, 'lines.spec.ts'] : ['chat.spec.ts']
const inFirefox = isThorough ? ['firefox.spec.ts', 'hosts.spec.ts'] : 'firefox.spec.ts'
/** What a line, or a number of servers, leaves to the night. */
const atNight = (titles: RegExp) => (isThorough ? {} : { grepInvert: titles })
/** On a broker of its own. */
const overBroker = [...(isThorough ? room : ['chat.spec.ts']), 'broker.spec.ts']

/** Features of Chromium that tests do without. A second switch of this name replaces Playwright's own. */
const disabledFeatures = [
  // Candidates have plain addresses, including loopback: the tests need no multicast DNS and no network.
  'WebRtcHideLocalIpsWithMdns',
  // The menus below the address bar are pages of their own: they cost each window more than the room's page does.
  'WebUIOmniboxPopup',
  'WebUIOmniboxFullPopup',
  'WebUIOmniboxAimPopup',
  'PreloadTopChromeWebUI',
  // A process in advance for the next site, which no test visits.
  'SpareRendererForSitePerProcess',
].join()

export default defineConfig<object, WorkerOptions>({
  testDir: 'specs',
  fullyParallel: true,
  workers: process.env.E2E_WORKERS === undefined ? 2 : Number(process.env.E2E_WORKERS),
  // Of a whole test, which takes three times as long on a busy shared machine; what it waits for has the limit below.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list'], ['json', { outputFile: '../reports/e2e.json' }]],
  outputDir: '../reports/e2e',
  use: {
    locale: 'en-US',
    // Requests that a worker passes on are not seen by those who count them; around.spec.ts and share-target.spec.ts have it.
    serviceWorkers: 'block',
    // To debug a spec: tracing adds a third to its time. A failure has a snapshot of the page in words without it; for a picture
    // every page would be drawn once more when its test ends, in case that fails.
    trace: process.env.E2E_TRACE === undefined ? 'off' : 'on',
    launchOptions: {
      ...(executablePath !== undefined && { executablePath }),
      args: [
        // Ten frames per second: three pages that send and show video to each other must fit on two cores.
        '--use-fake-device-for-media-stream=fps=10',
        `--disable-features=${disabledFeatures}`,
        '--allow-loopback-in-peer-connection',
        // The TURN server's certificate is self-signed by the tests.
        '--ignore-certificate-errors',
        '--host-resolver-rules=MAP insecure.test 127.0.0.1',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-quic',
        '--disable-gpu',
        '--no-first-run',
      ],
    },
  },
  projects: [
    // Specs that do not depend on the line, or use several, run here only.
    {
      name: 'websocket',
      use: { line: 'websocket' },
      testIgnore: ['broker.spec.ts', 'firefox.spec.ts'],
      ...atNight(
        /a person on each line|over longpoll, both servers|buttons of a headset|reports an unreachable server|quick visits, one after the other|cameras on at the same moment|who speaks is large|only TLS gets through|a full room says so|a tab that dies without goodbye|a pasted picture stands between|adding and removing tracks at both ends|timers are suspended/,
      ),
    },
    ...servedPlugs
      .filter(({ name }) => name !== 'websocket')
      .map(({ name }) => ({
        name,
        use: { line: name },
        testMatch: overLine(name),
        ...atNight(/arrives while the server is down|\[S9\]|\[S7\]/),
      })),
    // Installed by `pnpm test`; skipped where the package manager does not have it.
    ...(findProgram('mosquitto') === undefined
      ? []
      : [
          {
            name: 'mosquitto',
            use: { line: 'mqtt', broker: 'mosquitto' } as const,
            testMatch: overBroker,
          },
        ]),
    ...(findProgram('redis-server') === undefined || findProgram('nginx') === undefined
      ? []
      : [
          {
            name: 'two-nodes',
            use: { nodes: 2 } as const,
            testMatch: withTwoServers,
            ...atNight(/arrives while the server is down|\[S9\]|\[S7\]/),
          },
        ]),
    // The same, of each line that is behind an exchange.
    ...[...exchanges]
      .filter(([, { isThere }]) => isThere)
      .map(([name]) => ({ name, use: { line: name }, testMatch: overExchange })),
    ...(findFirefox() === undefined
      ? []
      : [
          {
            name: 'firefox',
            use: { browserName: 'firefox', launchOptions: firefoxOptions, seats: ['firefox'] } as const,
            testMatch: inFirefox,
            ...(!isThorough && { grep: /chat goes both ways|cameras go on|reloaded in mid-call/ }),
          },
          {
            name: 'firefox-chromium',
            use: { seats: ['firefox', 'chromium'] } as const,
            testMatch: inFirefox,
            ...atNight(
              /chat goes both ways|reloaded in mid-call|another line is chosen|a microphone is heard|a file arrives whole|cameras go on/,
            ),
          },
        ]),
  ],
})
