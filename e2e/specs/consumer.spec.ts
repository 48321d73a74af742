import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@patchbay/test-servers'
import { expect, test } from '@playwright/test'
import { answersAt, Program } from '../support/process.ts'

const root = new URL('../..', import.meta.url).pathname
/** What somebody who writes such a page installs, with everything of ours that this needs. */
const packages = ['protocol', 'core', 'plug', 'transport-websocket', 'transport-longpoll', 'room', 'server']

let app = ''
const programs: Program[] = []

function run(command: string, args: readonly string[], cwd = app): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

/** Starts a program of the example, and waits until it answers. */
async function start(args: readonly string[], port: number, path: string): Promise<void> {
  const ready = answersAt(`http://127.0.0.1:${port}${path}`)
  const program = new Program('node', args, { cwd: app, env: { PORT: String(port) }, ready })
  programs.push(program)
  await program.start()
}

/** The example as it would be in a repository of its own, with packed packages. */
test.beforeAll(async () => {
  test.setTimeout(180_000)
  app = mkdtempSync(join(tmpdir(), 'patchbay-consumer-'))
  cpSync(join(root, 'examples/hello'), app, {
    recursive: true,
    filter: (path) => !/node_modules|dist|turbo/.test(path),
  })
  const packed = packages.map((name) => {
    const folder = join(root, 'packages', name)
    const { filename } = JSON.parse(run('pnpm', ['pack', '--json', '--pack-destination', app], folder)) as {
      filename: string
    }
    return [`@patchbay/${name}`, `file:${filename}`]
  })
  const catalog = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  const versionOf = (name: string) => new RegExp(`^  '?${name}'?: (.+)$`, 'm').exec(catalog)?.[1]
  const manifest = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')) as Record<string, object>
  const devDependencies = Object.fromEntries(['typescript', 'vite'].map((name) => [name, versionOf(name)]))
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({ ...manifest, dependencies: Object.fromEntries(packed), devDependencies }),
  )
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'])
})

test.afterAll(async () => {
  for (const program of programs) await program.stop('SIGKILL')
  rmSync(app, { recursive: true, force: true })
})

const codeLines = (path: string) =>
  readFileSync(join(root, 'examples/hello', path), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '').length

test('the packed packages are all that a page of twelve lines and a server of two need', async ({ browser }) => {
  test.setTimeout(120_000)
  expect([codeLines('src/main.ts'), codeLines('server.mjs')]).toEqual([12, 2])
  run('npx', ['tsc'])
  run('npx', ['tsc', '--module', 'nodenext', '--moduleResolution', 'nodenext'])
  run('npx', ['vite', 'build'])

  const [signaling, web] = [await freePort(), await freePort()]
  await start(['server.mjs'], signaling, '/readyz')
  await start(['node_modules/vite/bin/vite.js', 'preview', '--host', '127.0.0.1', '--port', String(web)], web, '/')
  const context = await browser.newContext({ permissions: ['camera'] })
  const open = async (name: string) => {
    const page = await context.newPage()
    await page.goto(`http://127.0.0.1:${web}/?name=${name}&server=http://127.0.0.1:${signaling}`)
    return page
  }
  const [ada, bob] = [await open('Ada'), await open('Bob')]
  const say = async (page: typeof ada, text: string) => {
    await page.getByLabel('Message').fill(text)
    await page.getByRole('button', { name: 'Send' }).click()
  }
  // Until the other is there, nobody hears it.
  await expect(async () => {
    await say(ada, 'hello')
    await expect(bob.getByText('Ada: hello').first()).toBeVisible({ timeout: 500 })
  }).toPass()
  await say(bob, 'hello Ada')
  await expect(ada.getByText('Bob: hello Ada')).toBeVisible()
  await ada.getByRole('button', { name: 'Camera' }).click()
  const picture = bob.locator('video')
  await expect.poll(() => picture.evaluate((video: HTMLVideoElement) => video.videoWidth)).toBeGreaterThan(0)
  await ada.close()
  await expect(picture).toHaveCount(0)
  await context.close()
})
