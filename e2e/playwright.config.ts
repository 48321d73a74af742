import { chromium, defineConfig } from '@playwright/test'
import { findChromium } from './support/browser.mjs'
import type { WorkerOptions } from './support/fixtures.ts'

const executablePath = findChromium(chromium.executablePath())

export default defineConfig<object, WorkerOptions>({
  testDir: 'specs',
  fullyParallel: true,
  workers: process.env.E2E_WORKERS === undefined ? 2 : Number(process.env.E2E_WORKERS),
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
    { name: 'websocket', use: { line: 'websocket' } },
    { name: 'longpoll', use: { line: 'longpoll' } },
    { name: 'mqtt', use: { line: 'mqtt' } },
    { name: 'sse', use: { line: 'sse' } },
  ],
})
