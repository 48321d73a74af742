import { findProgram } from '@patchbay/test-servers'
import { chromium, defineConfig } from '@playwright/test'
import { findChromium } from './support/browser.mjs'
import type { WorkerOptions } from './support/fixtures.ts'

const executablePath = findChromium(chromium.executablePath())

/** Specs of the room itself, tried over every line. */
const everyLine = ['chat', 'media', 'mesh', 'outage'].map((name) => `${name}.spec.ts`)

export default defineConfig<object, WorkerOptions>({
  testDir: 'specs',
  fullyParallel: true,
  workers: process.env.E2E_WORKERS === undefined ? 3 : Number(process.env.E2E_WORKERS),
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list'], ['json', { outputFile: '../reports/e2e.json' }]],
  outputDir: '../reports/e2e',
  use: {
    locale: 'en-US',
    // Tracing costs a third of the run; ask for it when a spec needs looking into.
    trace: process.env.E2E_TRACE === undefined ? 'off' : 'on',
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(executablePath !== undefined && { executablePath }),
      args: [
        // Ten frames a second: three pages that film and show each other must fit on two cores.
        '--use-fake-device-for-media-stream=fps=10',
        // Candidates with plain addresses, loopback among them: tests need no multicast and no network.
        '--disable-features=WebRtcHideLocalIpsWithMdns',
        '--allow-loopback-in-peer-connection',
        // The TURN server's certificate is made by the tests.
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
    // What is the same on every line, or uses several, is tried here only.
    { name: 'websocket', use: { line: 'websocket' }, testIgnore: 'broker.spec.ts' },
    { name: 'longpoll', use: { line: 'longpoll' }, testMatch: everyLine },
    { name: 'mqtt', use: { line: 'mqtt' }, testMatch: everyLine },
    { name: 'sse', use: { line: 'sse' }, testMatch: everyLine },
    // Installed by `pnpm test`; a machine whose package manager has none goes without this one.
    ...(findProgram('mosquitto') === undefined
      ? []
      : [
          {
            name: 'mosquitto',
            use: { line: 'mqtt', broker: 'mosquitto' } as const,
            testMatch: [...everyLine, 'broker.spec.ts'],
          },
        ]),
  ],
})
