// Sends a file between two tabs of a Chromium, beside a bare loop over one data channel, in turns: `pnpm bench files`.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { build } from 'esbuild'
import { freePort } from './server-process.mjs'

const MIB = 1_048_576
const here = (path) => new URL(path, import.meta.url).pathname
// The end-to-end tests' own browser.
const { chromium } = createRequire(here('../e2e/package.json'))('@playwright/test')
const { findChromium } = await import(here('../e2e/support/browser.mjs'))

async function servePage() {
  const { outputFiles } = await build({
    entryPoints: [here('files-page.mjs')],
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['@patchbay/source'],
  })
  const html = `<!doctype html><script>${outputFiles[0].text}</script>`
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(html))
  const port = await freePort()
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { url: `http://localhost:${port}/`, close: () => server.close() }
}

async function openPair(browser, url) {
  const context = await browser.newContext()
  const pages = [await context.newPage(), await context.newPage()]
  for (const page of pages) await page.goto(url)
  const [sender, receiver] = pages
  const offer = await sender.evaluate(() => window.bench.offer())
  const answer = await receiver.evaluate((sdp) => window.bench.answer(sdp), offer)
  await sender.evaluate((sdp) => window.bench.connect(sdp), answer)
  return { sender, receiver, close: () => context.close() }
}

/** Live JavaScript heap of a page after a collection, and its external memory. */
async function heapOf(page) {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('HeapProfiler.collectGarbage')
  const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = await devtools.send('Runtime.getHeapUsage')
  await devtools.detach()
  return usedSize + embedderHeapUsedSize + backingStorageSize
}

/** @returns MiB a second of both by round, and how much the receiver's heap grew at the most, in MiB. */
export async function measureFiles({ rounds, bytes }) {
  const page = await servePage()
  const browser = await chromium.launch({
    executablePath: findChromium(chromium.executablePath()),
    args: ['--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns', '--disable-gpu'],
  })
  const results = new Map([
    ['bare data channel', []],
    ['file', []],
  ])
  let grown = 0
  for (let round = 0; round < rounds; round += 1) {
    const { sender, receiver, close } = await openPair(browser, page.url)
    const rate = (ms) => bytes / MIB / (ms / 1_000)
    results.get('bare data channel').push(rate(await sender.evaluate((size) => window.bench.bare(size), bytes)))
    const before = await heapOf(receiver)
    const sending = sender.evaluate((size) => window.bench.file(size), bytes)
    const look = async () => (grown = Math.max(grown, (await heapOf(receiver)) - before))
    const looking = setInterval(() => void look(), 1_000)
    const { ms, sha256 } = await sending
    clearInterval(looking)
    const got = await receiver.evaluate(() => window.bench.received())
    if (got !== sha256) throw new Error('The hashes differ.')
    results.get('file').push(rate(ms))
    await close()
  }
  await browser.close()
  page.close()
  return { results, grownMib: grown / MIB }
}
