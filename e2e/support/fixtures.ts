import { plugs } from '@patchbay/lines'
import type { LinePlug } from '@patchbay/plug'
import { type Browser, type BrowserContextOptions, test as base } from '@playwright/test'
import {
  type Coturn,
  findProgram,
  freePort,
  type Mosquitto,
  startCoturn,
  startMosquitto,
  startNginx,
  startRedis,
} from '@patchbay/test-servers'
import { fileURLToPath } from 'node:url'
import { exchanges } from './exchanges.ts'
import { firefoxOptions } from './firefox.ts'
import { noteConnections, noteSignaling, ownSmallCamera, Person } from './person.ts'
import { answersAt, Program, type Programs, together } from './process.ts'

/** Options of a Playwright project. */
export interface WorkerOptions {
  /** Name of the signaling line used by everyone in the test. */
  readonly line: string
  /** Whether MQTT lines use the built-in broker or an external Mosquitto. */
  readonly broker: 'aedes' | 'mosquitto'
  /** Signaling servers that share rooms, behind a balancer that gives each connection and request to the next one. */
  readonly nodes: number
  /** TURN transports offered to the page. */
  readonly turn: 'udp and tcp' | 'tls'
  /** Maximum number of people in a room. */
  readonly roomSize: number
  /** Whether cameras have 720p, which costs several times as much as the usual 640 × 480. */
  readonly fullCamera: boolean
  /** The browsers of those who are invited, in turn. */
  readonly seats: readonly BrowserKind[]
}

/** Browsers that tests run in. */
type BrowserKind = 'chromium' | 'firefox'

/** The worker's own signaling server and web server. */
export interface Deployment {
  readonly signaling: Programs
  /** Lines that it serves, without any that needs an exchange. */
  readonly lines: readonly LinePlug[]
  readonly signalingPort: number
  /** Port of the built-in broker's MQTT over TCP. */
  readonly mqttPort: number
  /** The external broker, if any. */
  readonly mosquitto: Mosquitto | undefined
  /** The TURN server, if installed. */
  readonly coturn: Coturn | undefined
  readonly webPort: number
  readonly origin: string
  readonly signalingOrigin: string
}

/** Creates a new person with a separate browser profile. */
export type Invite = (name: string, options?: BrowserContextOptions & { readonly line?: string }) => Promise<Person>

/** Lines whose requests must all reach one server. */
const ofOneServer = ['sse']
/** Every line that needs no exchange beside the server, the example too. The others are served where theirs was started. */
export const servedPlugs = plugs.filter(({ name }) => !exchanges.has(name))

/** What a page may do unasked. Firefox has it from its preferences. */
const permissions = { chromium: ['camera', 'microphone', 'clipboard-read', 'clipboard-write'], firefox: [] }

/** @returns the absolute path of a folder of the workspace. */
export const folder = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

interface WorkerFixtures {
  readonly deployment: Deployment
  /** Gives a browser of the worker's, started when it is first asked for. */
  readonly browserOf: (kind: BrowserKind) => Promise<Browser>
}

export const test = base.extend<{ room: string; invite: Invite }, WorkerOptions & WorkerFixtures>({
  line: ['websocket', { option: true, scope: 'worker' }],
  broker: ['aedes', { option: true, scope: 'worker' }],
  nodes: [1, { option: true, scope: 'worker' }],
  turn: ['udp and tcp', { option: true, scope: 'worker' }],
  roomSize: [Math.max(4, servedPlugs.length), { option: true, scope: 'worker' }],
  fullCamera: [false, { option: true, scope: 'worker' }],
  seats: [['chromium'], { option: true, scope: 'worker' }],

  browserOf: [
    async ({ playwright, browser, browserName }, use) => {
      let firefox: Promise<Browser> | undefined
      await use((kind) =>
        kind === browserName ? Promise.resolve(browser) : (firefox ??= playwright.firefox.launch(firefoxOptions)),
      )
      await (await firefox)?.close()
    },
    { scope: 'worker' },
  ],

  deployment: [
    async ({ broker, turn, roomSize, line, nodes }, use) => {
      const mosquitto =
        broker === 'mosquitto' ? await startMosquitto(folder('packages/transport-mqtt/mosquitto')) : undefined
      const exchange = await exchanges.get(line)?.startExchange()
      const served = servedPlugs.filter(({ name }) => nodes === 1 || !ofOneServer.includes(name))
      const lines = [...served.map(({ name }) => name), ...(exchange === undefined ? [] : [line])].join()
      const coturn =
        findProgram('turnserver') === undefined
          ? undefined
          : await startCoturn(folder('apps/server/coturn/turnserver.conf'))
      const signalingPort = await freePort()
      const webPort = await freePort()
      const mqttPort = await freePort()
      const redis = nodes > 1 ? await startRedis() : undefined
      const ports = nodes > 1 ? await Promise.all(Array.from({ length: nodes }, freePort)) : [signalingPort]
      const nginx = nodes > 1 ? await startNginx(ports, { port: signalingPort }) : undefined
      const serverAt = (port: number) =>
        new Program('node', ['dist/main.js'], {
          cwd: folder('apps/server'),
          env: {
            PORT: String(port),
            LINES: lines,
            ...(redis && { ENGINE_URL: redis.url, TRUST_PROXY: 'loopback' }),
            ...exchange?.server,
            ...(mosquitto === undefined
              ? nodes === 1 && { MQTT_PORT: String(mqttPort) }
              : {
                  MQTT_URL: `mqtt://127.0.0.1:${mosquitto.tcpPort}`,
                  MQTT_USERNAME: mosquitto.server.username,
                  MQTT_PASSWORD: mosquitto.server.password,
                }),
            ...(coturn && {
              TURN_URLS:
                turn === 'tls'
                  ? `turns:localhost:${coturn.tlsPort}?transport=tcp`
                  : `turn:127.0.0.1:${coturn.port}?transport=udp,turn:127.0.0.1:${coturn.port}?transport=tcp`,
              TURN_SECRET: coturn.secret,
              TURN_LIFETIME_SECONDS: '30',
            }),
            MAX_PEERS_PER_ROOM: String(roomSize),
            NEW_LINES_PER_SECOND: '100',
            LOG_LEVEL: 'warn',
            DRAIN_SPREAD_MS: '500',
          },
          ready: answersAt(`http://127.0.0.1:${port}/readyz`),
        })
      const signaling = together(ports.map(serverAt))
      const web = new Program('node', ['node_modules/next/dist/bin/next', 'start', '-p', String(webPort)], {
        cwd: folder('apps/web'),
        env: {
          SIGNALING_PORT: String(signalingPort),
          LINES: lines,
          ...exchange?.page,
          NEXT_TELEMETRY_DISABLED: '1',
          ...(mosquitto !== undefined && {
            MQTT_PAGE_URL: `ws://${mosquitto.page.username}:${mosquitto.page.password}@localhost:${mosquitto.webSocketPort}/`,
          }),
        },
        ready: answersAt(`http://127.0.0.1:${webPort}/icon.svg`),
      })
      try {
        await Promise.all([signaling.start(), web.start()])
        await use({
          signaling,
          lines: served,
          signalingPort,
          mqttPort,
          mosquitto,
          coturn,
          webPort,
          origin: `http://localhost:${webPort}`,
          signalingOrigin: `http://localhost:${signalingPort}`,
        })
      } finally {
        await Promise.all([
          signaling.stop('SIGKILL'),
          web.stop('SIGKILL'),
          nginx?.stop(),
          redis?.stop(),
          mosquitto?.stop(),
          exchange?.stop(),
          coturn?.stop(),
        ])
      }
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  room: async ({}, use, testInfo) => {
    await use(`t-${testInfo.testId.slice(-12)}-${testInfo.repeatEachIndex}-${Date.now().toString(36)}`)
  },

  invite: async ({ browserOf, seats, deployment, room, line: usual, fullCamera }, use) => {
    const people: Person[] = []
    await use(async (name, { line = usual, ...options } = {}) => {
      const kind = seats[people.length % seats.length] ?? 'chromium'
      const browser = await browserOf(kind)
      const context = await browser.newContext({
        permissions: permissions[kind],
        locale: 'en-US',
        ...options,
      })
      await context.addInitScript(
        (values) => {
          // Over WebDriver BiDi this runs in the empty page before the first one too, which has no storage.
          if (location.protocol === 'about:') return
          for (const [key, value] of Object.entries(values))
            localStorage.setItem(key, localStorage.getItem(key) ?? value)
        },
        { 'patchbay.name': name, 'patchbay.line': line },
      )
      await context.addInitScript(noteConnections)
      if (!fullCamera) await context.addInitScript(ownSmallCamera)
      const person = new Person(await context.newPage(), name, deployment, room)
      if (kind === 'firefox') await noteSignaling(person)
      people.push(person)
      return person
    })
    await Promise.all(people.map((person) => person.page.context().close()))
  },
})

export { expect } from '@playwright/test'
