import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort, isListening } from '@patchbay/test-servers'
import { startServer, unpin } from './server-process.mjs'
import { chromium, launchOptions } from './tabs.mjs'
import * as patchbay from './targets/patchbay.mjs'

const web = fileURLToPath(new URL('../apps/web/', import.meta.url))
/** A phone on a slow mobile network: 1.6 Mbit/s, a round trip of 150 ms, a quarter of this processor. */
const SLOW = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 }
const SLOWDOWN = 4
/** How long a page is watched, in milliseconds: everything is painted by then. */
const WATCH_MS = 8_000

/** The yardstick: a page of one heading, with nothing to load besides. */
async function serveBare() {
  const html = '<!doctype html><meta name="viewport" content="width=device-width"><h1>Patchbay, a room for a call</h1>'
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(html))
  const port = await freePort()
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { url: `http://localhost:${port}/`, close: () => server.close() }
}

async function servePages(signalingPort) {
  const port = await freePort()
  const child = spawn('node', ['node_modules/next/dist/bin/next', 'start', '-p', String(port)], {
    cwd: web,
    env: {
      ...process.env,
      NODE_ENV: 'production',
      SIGNALING_PORT: String(signalingPort),
      NEXT_TELEMETRY_DISABLED: '1',
    },
    stdio: 'ignore',
  })
  while (!(await isListening(port))) await sleep(50)
  return { url: `http://localhost:${port}/`, close: () => child.kill() }
}

/** Runs in a page before its own scripts: notes the paints, and when an element can be used. */
function notePaints(selector) {
  const noted = { lcp: 0, usable: 0 }
  Object.assign(window, { noted })
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) noted.lcp = startTime
  }).observe({ type: 'largest-contentful-paint', buffered: true })
  const look = () => {
    if (document.querySelector(selector) === null) return requestAnimationFrame(look)
    noted.usable = performance.now()
  }
  look()
}

/** Opens a page with an empty cache. @returns when something was to be read, the largest paint, and when it could be used. */
async function open(browser, url, { selector, name }) {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    permissions: ['camera', 'microphone'],
  })
  const page = await context.newPage()
  await page.addInitScript(notePaints, selector)
  if (name !== undefined)
    await page.addInitScript(
      (own) => location.protocol.startsWith('http') && localStorage.setItem('patchbay.name', own),
      name,
    )
  const devtools = await context.newCDPSession(page)
  await devtools.send('Network.emulateNetworkConditions', SLOW)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN })
  await page.goto(url, { waitUntil: 'commit' })
  await sleep(WATCH_MS)
  const times = await page.evaluate(() => ({
    first: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    ...window.noted,
  }))
  await context.close()
  if (times.usable === 0) throw new Error(`${url} had no ${selector} after ${WATCH_MS} ms.`)
  return times
}

/**
 * How soon pages can be read on a slow phone, beside a page of one heading.
 * @returns {Promise<Record<'first' | 'lcp' | 'usable', Map<string, number[]>>>} milliseconds from navigation, by page and round.
 */
export async function measureFirstPaint({ rounds }) {
  unpin()
  const server = await startServer(patchbay.server)
  const [pages, bare] = [await servePages(server.port), await serveBare()]
  const browser = await chromium.launch({
    ...launchOptions,
    args: [...launchOptions.args, '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  })
  const contenders = {
    'one heading': [bare.url, { selector: 'h1' }],
    'landing page': [pages.url, { selector: 'button[type=submit]:enabled' }],
    'a link, for the first time': [`${pages.url}r/first-paint-1`, { selector: 'button[type=submit]:enabled' }],
    'a link, by name': [`${pages.url}r/first-paint-2`, { selector: 'textarea', name: 'Ada' }],
  }
  const kinds = ['first', 'lcp', 'usable']
  const results = Object.fromEntries(
    kinds.map((kind) => [kind, new Map(Object.keys(contenders).map((one) => [one, []]))]),
  )
  // The first round warms the server up.
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, [url, options]] of Object.entries(contenders)) {
      const times = await open(browser, url, options)
      if (round >= 0) for (const kind of kinds) results[kind].get(name).push(times[kind])
    }
  }
  await browser.close()
  pages.close()
  bare.close()
  await server.stop()
  return results
}
