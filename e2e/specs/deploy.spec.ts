import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { plugs } from '@patchbay/lines'
import { findProgram } from '@patchbay/test-servers'
import { startFront } from '../support/deploy/front.ts'
import { buildImages, type Image, readDockerfile } from '../support/deploy/dockerfile.ts'
import { Stack } from '../support/deploy/stack.ts'
import { expect, folder, test as base } from '../support/fixtures.ts'
import { allConnected, type Person } from '../support/person.ts'
import { together } from '../support/process.ts'
import { relayedCall } from '../support/relayed-call.ts'

const context = folder('')
const git = (...args: string[]) => execFileSync('git', args, { cwd: context, encoding: 'utf8' })

/** Carries out deploy/Dockerfile. */
async function build(images: string): Promise<ReadonlyMap<string, Image>> {
  const tracked = git('ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0')
  const main = dirname(git('rev-parse', '--path-format=absolute', '--git-common-dir').trim())
  return buildImages(readDockerfile(await readFile(join(context, 'deploy/Dockerfile'), 'utf8')), ['server', 'page'], {
    folder: images,
    context,
    files: tracked.filter((path) => path !== '' && existsSync(join(context, path))),
    environment: {
      // Nothing is fetched, and what the repository's own build has built already is taken from its cache.
      npm_config_prefer_offline: 'true',
      pnpm_config_offline: 'true',
      TURBO_CACHE_DIR: join(main, '.turbo/cache'),
    },
  })
}

/** compose.yaml, its images and its services outside containers, at a domain with TLS. */
const test = base.extend<object, { readonly stack: Stack }>({
  stack: [
    async ({}, use) => {
      const images = await mkdtemp(join(tmpdir(), 'patchbay-images-'))
      let stack: Stack | undefined
      try {
        stack = await Stack.open({
          context,
          images: await build(images),
          env: (port) => ({
            DOMAIN: `localhost:${port('caddy', 443)}`,
            TLS: 'internal',
            TURN_SECRET: 'of-the-servers-and-coturn',
            TURN_URLS: ['udp', 'tcp'].map((kind) => `turn:coturn:3478?transport=${kind}`).join(),
            MQTT_PASSWORD: 'of-the-servers-and-mosquitto',
            TRUST_PROXY: 'loopback',
          }),
        })
        await stack.start()
        await use(stack)
      } finally {
        await stack?.stop()
        await rm(images, { recursive: true, force: true })
      }
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  deployment: [
    async ({ stack }, use) => {
      const port = stack.portOf('caddy', 443)
      await use({
        signaling: together([stack.programOf('server-1'), stack.programOf('server-2')]),
        lines: plugs.filter(({ name }) => ['websocket', 'longpoll', 'mqtt'].includes(name)),
        signalingPort: port,
        mqttPort: stack.portOf('mosquitto', 1883),
        mosquitto: undefined,
        coturn: undefined,
        webPort: port,
        origin: `https://localhost:${port}`,
        signalingOrigin: `https://localhost:${port}`,
      })
    },
    { scope: 'worker' },
  ],
})

// Installed by `pnpm test --install`; skipped where the package manager does not have them.
const missing = ['caddy', 'redis-server', 'mosquitto', 'turnserver'].filter((name) => findProgram(name) === undefined)
test.skip(missing.length > 0, `not installed: ${missing.join(', ')}`)
// One stack for all tests.
test.describe.configure({ mode: 'serial' })

/** Has a page note whatever its status banner says from now on. @returns a function that reads it. */
async function noteBanners({ page, status }: Person): Promise<() => Promise<string[]>> {
  await status.evaluate((element) => {
    const banners: string[] = []
    Object.assign(window, { banners })
    const look = () => {
      const text = element.textContent ?? ''
      if (text !== '') banners.push(text)
    }
    look()
    new MutationObserver(look).observe(element, { childList: true, subtree: true, characterData: true })
  })
  return () => page.evaluate(() => (window as unknown as { banners: string[] }).banners)
}

/** Bob still watches Ada, over the connection they have had all the time, and nothing was negotiated anew. */
async function goOn(ada: Person, bob: Person, described: readonly number[]): Promise<void> {
  await bob.watches(ada)
  for (const person of [ada, bob]) {
    expect(await person.connections(), 'no connection was remade').toEqual(['stable'])
    await expect(person.page.getByTestId('notice').filter({ hasText: 'lost the connection' })).toHaveCount(0)
  }
  expect([ada.described().length, bob.described().length], 'nothing was offered anew').toEqual(described)
}

/** Who is in the test's room, as the servers tell a page that has not joined it. */
const askWho = ({ page }: Person): Promise<unknown> =>
  page.evaluate(async () => (await fetch(location.pathname.replace('/r/', '/rooms/'))).json())

for (const [line, label] of [
  ['websocket', 'WebSocket'],
  ['longpoll', 'Long-poll'],
] as const) {
  test(`over ${line}, both servers of compose.yaml are restarted in mid-call, one after the other, and the call goes on`, async ({
    invite,
    stack,
  }) => {
    const { ada, bob } = await relayedCall((name, options) => invite(name, { line, ...options }))
    const described = [ada.described().length, bob.described().length]
    const banners = [await noteBanners(ada), await noteBanners(bob)]
    for (const name of ['server-1', 'server-2']) {
      const server = stack.programOf(name)
      expect(await server.stop('SIGTERM')).toBe(0)
      expect(server.output).toContain('"msg":"draining"')
      await ada.say(`without ${name}`)
      await expect(bob.message(`without ${name}`)).toHaveCount(1)
      for (const person of [ada, bob]) await expect(person.line).toContainText(label)
      await server.start()
    }
    await goOn(ada, bob, described)
    if (line !== 'websocket') return
    for (const read of banners) expect(await read(), 'nobody was told').toEqual([])
    expect(await askWho(ada)).toMatchObject({ people: 2, names: expect.arrayContaining(['Ada', 'Bob']) })
    const cleo = await invite('Cleo', { line: 'mqtt' })
    await cleo.enter()
    await allConnected(ada, bob, cleo)
  })
}

test('behind the nginx of deploy/nginx.conf, people on WebSocket and long-poll meet', async ({ invite, stack }) => {
  test.skip(findProgram('nginx') === undefined, 'not installed: nginx')
  const caddy = stack.programOf('caddy')
  await caddy.stop('SIGTERM')
  const nginx = await startFront(await readFile(join(context, 'deploy/nginx.conf'), 'utf8'), stack)
  try {
    const [ada, bob] = [await invite('Ada', { line: 'websocket' }), await invite('Bob', { line: 'longpoll' })]
    await ada.enter()
    await bob.enter()
    await allConnected(ada, bob)
    await ada.say('through nginx')
    await expect(bob.message('through nginx')).toHaveCount(1)
    expect(await askWho(ada)).toMatchObject({ people: 2, names: expect.arrayContaining(['Ada', 'Bob']) })
  } finally {
    await nginx.stop()
    await caddy.start()
  }
})
