// Sends a file between two Chromium tabs, in turns with a bare loop over one data channel: `pnpm bench files`.
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unpin } from './server-process.mjs'
import { chromium, launchOptions, servePage } from './tabs.mjs'

const MIB = 1_048_576
async function writeFileOf(path, bytes) {
  const block = Buffer.alloc(MIB).map((_, i) => (i * 2_654_435_761) >>> 24)
  const file = await open(path, 'w')
  for (let at = 0; at < bytes; at += MIB) await file.write(block, 0, Math.min(MIB, bytes - at))
  await file.close()
}

/** A browser with its own profile on disk, since a private window keeps files in memory, and a file to send. */
async function openBrowser(bytes) {
  const profile = await mkdtemp(join(tmpdir(), 'patchbay-bench-'))
  const file = join(profile, 'bench.bin')
  await writeFileOf(file, bytes)
  const context = await chromium.launchPersistentContext(profile, launchOptions)
  const close = async () => {
    await context.close()
    await rm(profile, { recursive: true, force: true })
  }
  return { context, file, close }
}

async function connect(sender, receiver, name) {
  const offer = await sender.evaluate((to) => window.bench.offer(to), name)
  const answer = await receiver.evaluate((sdp) => window.bench.answer('sender', sdp), offer)
  await sender.evaluate(([to, sdp]) => window.bench.connect(to, sdp), [name, answer])
}

async function openTab(context, url) {
  const page = await context.newPage()
  await page.goto(url)
  return page
}

/** Two connected tabs; `url` selects the folder for received files. */
async function openPair({ context, file }, url) {
  const [sender, receiver] = [await openTab(context, url), await openTab(context, url)]
  await sender.setInputFiles('input', file)
  await connect(sender, receiver, 'receiver')
  const pair = {
    sender,
    receiver,
    /** Kills the receiver's tab and opens it again. */
    async restartReceiver() {
      await pair.receiver.close()
      pair.receiver = await openTab(context, url)
      await connect(sender, pair.receiver, 'receiver')
    },
    close: () => Promise.all([pair.sender.close(), pair.receiver.close()]),
  }
  return pair
}

/** Sends twenty files at once to three tabs. @returns round trips of chat meanwhile, in milliseconds. */
async function measureChat(context, url) {
  const sender = await openTab(context, url)
  const receivers = []
  for (const name of ['a', 'b', 'c']) {
    const receiver = await openTab(context, `${url}${name}`)
    receivers.push(receiver)
    await connect(sender, receiver, name)
  }
  const trips = await sender.evaluate((bytes) => window.bench.filesBesideChat(20, bytes), 4 * MIB)
  for (const tab of [sender, ...receivers]) await tab.close()
  return trips
}

/** Sends a file. @returns the sender's result, once the receiver has computed the same hash. */
async function sendFile(pair) {
  const sent = await pair.sender.evaluate(() => window.bench.file())
  const received = await pair.receiver.evaluate(() => window.bench.received())
  if (received !== sent.sha256) throw new Error('The hashes differ.')
  return sent
}

/** Live JavaScript heap of a page after a collection, and its external memory. */
async function heapOf(page) {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('HeapProfiler.collectGarbage')
  const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = await devtools.send('Runtime.getHeapUsage')
  await devtools.detach()
  return usedSize + embedderHeapUsedSize + backingStorageSize
}

/** Largest growth of the receiver's heap during a transfer, in MiB. Measuring slows the transfer down. */
async function measureHeap(pair) {
  const before = await heapOf(pair.receiver)
  let most = 0
  const look = async () => (most = Math.max(most, (await heapOf(pair.receiver)) - before))
  const looking = setInterval(() => void look(), 1_000)
  await sendFile(pair)
  clearInterval(looking)
  return most / MIB
}

/** Share of the file that is sent twice when the receiver's tab is killed halfway. */
async function measureResume(pair, bytes) {
  const sending = sendFile(pair)
  await pair.receiver.evaluate((half) => window.bench.reached(half), bytes / 2)
  await pair.restartReceiver()
  const { sentBytes } = await sending
  return (sentBytes - bytes) / bytes
}

/** @returns MiB per second of both by round, heap growth in MiB, the share sent twice, and round trips of chat. */
export async function measureFiles({ rounds, bytes }) {
  unpin()
  const page = await servePage('files-page.mjs', '<input type="file" />')
  const browser = await openBrowser(bytes)
  let folder = 0
  const withPair = async (measure) => {
    const pair = await openPair(browser, `${page.url}#${(folder += 1)}`)
    const result = await measure(pair)
    await pair.close()
    return result
  }
  const rate = (ms) => bytes / MIB / (ms / 1_000)
  const [bare, file] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    await withPair(async (pair) => {
      bare.push(rate(await pair.sender.evaluate((size) => window.bench.bare(size), bytes)))
      file.push(rate((await sendFile(pair)).ms))
    })
  }
  const grownMib = await withPair(measureHeap)
  const twice = await withPair((pair) => measureResume(pair, bytes))
  const trips = await measureChat(browser.context, `${page.url}#${(folder += 1)}`)
  await browser.close()
  page.close()
  const results = new Map([
    ['bare data channel', bare],
    ['file', file],
  ])
  return { results, grownMib, twice, trips }
}
