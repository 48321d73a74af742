import { chromium, test as base } from '@playwright/test'
import { startCoturn } from '@patchbay/test-servers'
import { findChromium } from '../support/browser.mjs'
import { folder } from '../support/fixtures.ts'
import { noteConnections, Person } from '../support/person.ts'
import { answersAt, Program } from '../support/process.ts'
import { Home, type NatKind } from './lab.ts'

const PUBLIC = '203.0.113.1'

/** ICE servers that the signaling server offers. */
type Offer = 'stun' | 'turn'
const ports = { turn: { web: 8080, signaling: 4000 }, stun: { web: 8081, signaling: 4001 } }
const turnUrls = ['3478?transport=udp', '3478?transport=tcp', '443?transport=tcp'].map((end) => `turn:${PUBLIC}:${end}`)

/** Creates a person at home behind this kind of NAT, on the site with these ICE servers. */
export type Settle = (
  name: string,
  nat: NatKind,
  offer?: Offer,
) => Promise<{ readonly person: Person; readonly home: Home }>

function signalingServer(offer: Offer, secret: string): Program {
  const port = ports[offer].signaling
  return new Program('node', ['dist/main.js'], {
    cwd: folder('apps/server'),
    env: {
      PORT: String(port),
      ICE_SERVERS: JSON.stringify([{ urls: [`stun:${PUBLIC}:3478`, 'stun:203.0.113.2:3478'] }]),
      ...(offer === 'turn' && { TURN_URLS: turnUrls.join(','), TURN_SECRET: secret }),
      LOG_LEVEL: 'warn',
    },
    ready: answersAt(`http://${PUBLIC}:${port}/readyz`),
  })
}

function webServer(offer: Offer): Program {
  const { web, signaling } = ports[offer]
  return new Program('node', ['node_modules/next/dist/bin/next', 'start', '-p', String(web)], {
    cwd: folder('apps/web'),
    env: { SIGNALING_PORT: String(signaling), NEXT_TELEMETRY_DISABLED: '1' },
    ready: answersAt(`http://${PUBLIC}:${web}/icon.svg`),
  })
}

/** Counts homes in this worker: an address must not be reused soon, or peers would mistake it for the earlier one. */
let homes = 0

export const test = base.extend<{ room: string; settle: Settle }, { site: void }>({
  site: [
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const coturn = await startCoturn(folder('apps/server/coturn/turnserver.conf'), {
        addresses: [PUBLIC, '203.0.113.2'],
        port: 3478,
        alsoOn: 443,
      })
      const programs = (['turn', 'stun'] as const).flatMap((offer) => [
        signalingServer(offer, coturn.secret),
        webServer(offer),
      ])
      await Promise.all(programs.map((program) => program.start()))
      await use()
      await Promise.all([...programs.map((program) => program.stop('SIGKILL')), coturn.stop()])
    },
    { scope: 'worker', timeout: 60_000, auto: true },
  ],

  room: async ({}, use, testInfo) => {
    await use(`nat-${testInfo.testId.slice(-12)}-${Date.now().toString(36)}`)
  },

  settle: async ({ room }, use, testInfo) => {
    const { PATCHBAY_LAB: lab = '' } = process.env
    const { launchOptions } = testInfo.project.use as { launchOptions?: { args?: string[] } }
    const undo: (() => unknown)[] = []
    await use(async (name, nat, offer = 'turn') => {
      const home = new Home(
        lab,
        (testInfo.workerIndex * 37 + (homes += 1)) % 100,
        nat,
        findChromium(chromium.executablePath()) ?? '',
      )
      undo.unshift(() => home.close())
      const { web, signaling } = ports[offer]
      const origin = `http://${PUBLIC}:${web}`
      const browser = await chromium.launch({
        executablePath: home.browser,
        args: [...(launchOptions?.args ?? []), `--unsafely-treat-insecure-origin-as-secure=${origin}`],
      })
      undo.unshift(() => browser.close())
      const context = await browser.newContext({ permissions: ['camera', 'microphone'], locale: 'en-US' })
      await context.addInitScript((mine) => localStorage.setItem('patchbay.name', mine), name)
      await context.addInitScript(noteConnections)
      const page = await context.newPage()
      page.on('pageerror', (error) => testInfo.annotations.push({ type: 'page error', description: error.message }))
      page.on('requestfailed', (request) => {
        testInfo.annotations.push({ type: 'failed', description: `${request.url()} ${request.failure()?.errorText}` })
      })
      const signalingOrigin = `http://${PUBLIC}:${signaling}`
      const person = new Person(page, name, { origin, signalingOrigin }, room)
      return { person, home }
    })
    for (const step of undo) await step()
  },
})

export { expect } from '@playwright/test'
