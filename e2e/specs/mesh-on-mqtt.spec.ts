import { findProgram, startMosquitto } from '@patchbay/test-servers'
import { expect, type Page, test } from '@playwright/test'
import { build } from 'esbuild'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { folder } from '../support/fixtures.ts'

const example = folder('examples/mesh-on-mqtt')

/** Serves the page of the example. */
async function servePage() {
  const { outputFiles } = await build({
    entryPoints: [`${example}/src/page.ts`],
    conditions: ['@patchbay/source'],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  })
  const html = await readFile(`${example}/index.html`)
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? outputFiles[0]?.contents : html)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

test('two pages meet on the topics of a broker, without a server of ours, and go on talking when it is gone', async ({
  browser,
}) => {
  test.skip(findProgram('mosquitto') === undefined, 'Mosquitto is not installed')
  const broker = await startMosquitto(`${example}/mosquitto`)
  const server = await servePage()
  const { username, password } = broker.page
  const url = `ws://${username}:${password}@127.0.0.1:${broker.webSocketPort}`
  const open = async (name: string) => {
    const page = await (await browser.newContext()).newPage()
    await page.goto(`${server.origin}/#${[url, 'kitchen', name].map(encodeURIComponent).join('&')}`)
    return page
  }
  const say = async (page: Page, text: string) => {
    await page.getByRole('textbox').fill(text)
    await page.getByRole('button').click()
  }
  try {
    const [ada, bob] = [await open('Ada'), await open('Bob')]
    await expect(ada.getByRole('status')).toHaveText('Bob: connected')
    await expect(bob.getByRole('status')).toHaveText('Ada: connected')
    await say(ada, 'hello from the broker')
    await expect(bob.locator('#log')).toContainText('Ada: hello from the broker')
    await broker.stop()
    await say(bob, 'it is gone')
    await expect(ada.locator('#log')).toContainText('Bob: it is gone')
    await Promise.all([ada.context().close(), bob.context().close()])
  } finally {
    server.close()
    await broker.stop()
  }
})
