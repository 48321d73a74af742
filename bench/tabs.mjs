import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { freePort } from '@patchbay/test-servers'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
// The end-to-end tests' own browser.
export const { chromium } = createRequire(here('../e2e/package.json'))('@playwright/test')
const { findChromium } = await import(here('../e2e/support/browser.mjs'))

/** How to start Chromium for tabs that connect to each other on this machine. */
export const launchOptions = {
  executablePath: findChromium(chromium.executablePath()),
  args: ['--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns', '--disable-gpu'],
}

/** Serves a page with one script of this folder, bundled from the sources. @param body what is on the page besides. */
export async function servePage(script, body = '') {
  const { outputFiles } = await build({
    entryPoints: [here(script)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    conditions: ['@patchbay/source'],
  })
  const html = `<!doctype html>${body}<script type="module">${outputFiles[0].text}</script>`
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(html))
  const port = await freePort()
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { url: `http://localhost:${port}/`, close: () => server.close() }
}
