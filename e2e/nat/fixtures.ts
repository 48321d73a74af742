import { chromium, test as base } from '@playwright/test'
import { startCoturn } from '@patchbay/test-servers'
import { findChromium } from '../support/browser.mjs'
import { folder } from '../support/fixtures.ts'
import { noteConnections, Person } from '../support/person.ts'
import { answersAt, Program } from '../support/process.ts'
import { Home, type NatKind } from './lab.ts'

/** ICE servers that the signaling server offers. */
type Offer = 'stun' | 'turn'

/** Where a worker's servers are. `addresses`: two, since only from two a mapping for each destination is seen. */
interface Site {
  readonly addresses: readonly [string, string]
  readonly ports: Readonly<Record<Offer, { readonly web: number; readonly signaling: number }>>
}

/** @param worker its index among those that run at once: 0 or 1. */
function siteOf(worker: number): Site {
  return {
    addresses: [`203.0.113.${1 + 2 * worker}`, `203.0.113.${2 + 2 * worker}`],
    ports: {
      turn: { web: 8080 + 2 * worker, signaling: 4000 + 2 * worker },
      stun: { web: 8081 + 2 * worker, signaling: 4001 + 2 * worker },
    },
  }
}

/** Creates a person at home behind this kind of NAT, on the site with these ICE servers. */
export type Settle = (
  name: string,
  nat: NatKind,
  offer?: Offer,
) => Promise<{ readonly person: Person; readonly home: Home }>

function signalingServer({ addresses: [address, other], ports }: Site, offer: Offer, secret: string): Program {
  const port = ports[offer].signaling
  const turnUrls = ['3478?transport=udp', '3478?transport=tcp', '443?transport=tcp'].map(
    (end) => `turn:${address}:${end}`,
  )
  return new Program('node', ['dist/main.js'], {
    cwd: folder('apps/server'),
    env: {
      PORT: String(port),
      ICE_SERVERS: JSON.stringify([{ urls: [`stun:${address}:3478`, `stun:${other}:3478`] }]),
      ...(offer === 'turn' && { TURN_URLS: turnUrls.join(','), TURN_SECRET: secret }),
      LOG_LEVEL: 'warn',
    },
    ready: answersAt(`http://${address}:${port}/readyz`),
  })
}

function webServer({ addresses: [address], ports }: Site, offer: Offer): Program {
  const { web, signaling } = ports[offer]
  return new Program('node', ['node_modules/next/dist/bin/next', 'start', '-p', String(web)], {
    cwd: folder('apps/web'),
    env: { SIGNALING_PORT: String(signaling), NEXT_TELEMETRY_DISABLED: '1' },
    ready: answersAt(`http://${address}:${web}/icon.svg`),
  })
}

/** Counts homes in this worker: an address must not be reused soon, or peers would mistake it for the earlier one. */
let homes = 0

export const test = base.extend<{ room: string; settle: Settle }, { site: Site }>({
  site: [
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use, { parallelIndex }) => {
      const site = siteOf(parallelIndex)
      const coturn = await startCoturn(folder('apps/server/coturn/turnserver.conf'), {
        addresses: site.addresses,
        port: 3478,
        alsoOn: 443,
      })
      const programs = (['turn', 'stun'] as const).flatMap((offer) => [
        signalingServer(site, offer, coturn.secret),
        webServer(site, offer),
      ])
      await Promise.all(programs.map((program) => program.start()))
      await use(site)
      await Promise.all([...programs.map((program) => program.stop('SIGKILL')), coturn.stop()])
    },
    { scope: 'worker', timeout: 60_000, auto: true },
  ],

  room: async ({}, use, testInfo) => {
    await use(`nat-${testInfo.testId.slice(-12)}-${Date.now().toString(36)}`)
  },

  settle: async ({ room, site }, use, testInfo) => {
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
      const { web, signaling } = site.ports[offer]
      const [address] = site.addresses
      const origin = `http://${address}:${web}`
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
      const signalingOrigin = `http://${address}:${signaling}`
      const person = new Person(page, name, { origin, signalingOrigin }, room)
      return { person, home }
    })
    for (const step of undo) await step()
  },
})

export { expect } from '@playwright/test'
