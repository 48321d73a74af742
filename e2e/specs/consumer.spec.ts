import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { expect, test as base } from '@playwright/test'
import { chat, Consumer } from '../support/consumer.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** What the face of the library needs. */
const packages = ['protocol', 'core', 'plug', 'transport-websocket', 'transport-longpoll', 'room', 'server']

const test = base.extend<{ consumer: Consumer }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright asks for a pattern.
  consumer: async ({}, use) => {
    const consumer = new Consumer()
    await use(consumer)
    await consumer.dispose()
  },
})
test.describe.configure({ timeout: 240_000 })

const codeLines = (path: string) =>
  readFileSync(join(root, 'examples/hello', path), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '').length

test('the packed packages are all that a page of twelve lines and a server of two need', async ({
  browser,
  consumer,
}) => {
  expect([codeLines('src/main.ts'), codeLines('server.mjs')]).toEqual([12, 2])
  cpSync(join(root, 'examples/hello'), consumer.folder, {
    recursive: true,
    filter: (path) => !/node_modules|dist|turbo|package\.json/.test(path),
  })
  consumer.install(packages, ['typescript', 'vite'])
  consumer.run('npx', ['tsc'])
  consumer.run('npx', ['tsc', '--module', 'nodenext', '--moduleResolution', 'nodenext'])
  consumer.run('npx', ['vite', 'build'])
  // Whoever imports a packed package, with a bundler or in Node, gets types that fit what runs.
  for (const file of consumer.packed) {
    const result = await checkPackage(createPackageFromTarballData(readFileSync(file)))
    const problems = 'problems' in result ? result.problems : [{ kind: 'NoTypes' }]
    // The packages are ES modules: neither CommonJS nor Node 10 resolves them.
    const old = (problem: object) =>
      'resolutionKind' in problem && ['node10', 'node16-cjs'].includes(String(problem.resolutionKind))
    expect(
      problems.filter((problem) => !old(problem)).map(({ kind }) => kind),
      file,
    ).toEqual([])
  }

  const signaling = await consumer.start(() => ['server.mjs'], '/readyz')
  const vite = (port: number) => [
    'node_modules/vite/bin/vite.js',
    'preview',
    '--host',
    '127.0.0.1',
    '--port',
    `${port}`,
  ]
  const web = await consumer.start(vite, '/')
  const context = await browser.newContext({ permissions: ['camera'] })
  const open = async (name: string) => {
    const page = await context.newPage()
    await page.goto(`http://127.0.0.1:${web}/?name=${name}&server=http://127.0.0.1:${signaling}`)
    return page
  }
  const [ada, bob] = [await open('Ada'), await open('Bob')]
  await chat(ada, bob)
  const tooLong = 'x'.repeat(8_001)
  await ada.getByLabel('Message').fill(tooLong)
  await ada.getByLabel('Message').press('Enter')
  await expect(ada.getByLabel('Message'), 'what cannot be sent is not lost').toHaveValue(tooLong)
  await ada.getByRole('button', { name: 'Camera' }).click()
  const picture = bob.locator('video')
  await expect.poll(() => picture.evaluate((video: HTMLVideoElement) => video.videoWidth)).toBeGreaterThan(0)
  await ada.close()
  await expect(picture).toHaveCount(0)
  await context.close()
})

test('a page of Next with the hooks, and the rooms on the custom server that serves it', async ({
  browser,
  consumer,
}) => {
  test.skip(process.env.NIGHTLY === undefined, 'Building it takes a minute: in `pnpm nightly`.')
  consumer.install([...packages, 'react'], ['next', 'react', 'react-dom', 'typescript', '@types/react', '@types/node'])
  consumer.run('mkdir', ['app'])
  consumer.write(
    'app/layout.tsx',
    'export default ({ children }: LayoutProps<"/">) => <html lang="en"><body>{children}</body></html>\n',
  )
  consumer.write('app/page.tsx', page)
  consumer.write('server.mjs', server)
  consumer.run('npx', ['next', 'build'])
  const port = await consumer.start(() => ['server.mjs'], '/')
  const context = await browser.newContext()
  const open = async (name: string) => {
    const tab = await context.newPage()
    await tab.goto(`http://127.0.0.1:${port}/?name=${name}`)
    return tab
  }
  await chat(await open('Ada'), await open('Bob'))
  await context.close()
})

const page = `'use client'
import { RoomProvider, useChat } from '@patchbay/react'
import { useSearchParams } from 'next/navigation'
import { type FormEvent, Suspense } from 'react'

export default function Page() {
  return <Suspense><Room /></Suspense>
}

function Room() {
  const name = useSearchParams().get('name') ?? 'Nobody'
  const options = { server: globalThis.location?.origin + '/rooms', room: 'next', name }
  return <RoomProvider options={options}><Chat /></RoomProvider>
}

function Chat() {
  const { entries, send } = useChat()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    send(String(new FormData(event.currentTarget).get('text')))
  }
  return (
    <form onSubmit={submit}>
      {entries.map((entry) => entry.kind === 'message' && <p key={entry.key}>{entry.name}: {entry.text}</p>)}
      <input name="text" aria-label="Message" />
      <button>Send</button>
    </form>
  )
}
`

const server = `import { createServer } from 'node:http'
import { attach } from '@patchbay/server'
import next from 'next'

const app = next({ dev: false })
await app.prepare()
const http = createServer(app.getRequestHandler())
await attach(http, { path: '/rooms' })
http.listen(Number(process.env.PORT))
`
