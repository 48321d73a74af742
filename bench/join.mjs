// From joining a room to the first words both ways, in Chromium tabs, with others' libraries in turns: `pnpm bench join`.
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { freePort, startMosquitto } from '@patchbay/test-servers'
import { startServer, unpin } from './server-process.mjs'
import { chromium, launchOptions, servePage } from './tabs.mjs'
import * as naive from './targets/naive.mjs'
import * as patchbay from './targets/patchbay.mjs'
import * as peerjs from './targets/peerjs.mjs'

/** A contender that fails this often in a row does not work here. */
const MOST_TRIES = 3

/**
 * @param {{ rounds: number, people: number }} options `people`: the newcomer and those who are there.
 * @returns {Promise<Map<string, number[]>>} milliseconds by contender, one for each round.
 */
export async function measureJoin({ rounds, people }) {
  unpin()
  const mqttPort = await freePort()
  const page = await servePage('join-page.mjs')
  const env = {
    ...patchbay.server.env,
    MQTT_PORT: String(mqttPort),
    LINES: 'websocket,longpoll,mqtt',
    ALLOWED_ORIGINS: new URL(page.url).origin,
  }
  const servers = await Promise.all([
    startServer({ ...patchbay.server, env }),
    startServer(naive.server),
    startServer(peerjs.server),
  ])
  const broker = await startMosquitto(fileURLToPath(new URL('servers/open-broker', import.meta.url)))
  const [patchbayPort, naivePort, peerjsPort] = servers.map(({ port }) => port)
  const ports = { patchbay: patchbayPort, naive: naivePort, peerjs: peerjsPort, broker: broker.webSocketPort }
  const browser = await chromium.launch(launchOptions)
  const tabs = []
  for (let i = 0; i < people; i += 1) {
    // A profile each: tabs of one share their connections to a server, six at the most.
    tabs.push(await (await browser.newContext()).newPage())
    await tabs[i].goto(page.url)
  }

  const [newcomer, ...others] = tabs
  const names = await newcomer.evaluate(() => window.bench.names)
  const results = new Map(names.map((name) => [name, []]))
  const failures = new Map()
  const joinOnce = async (name) => {
    const room = `bench-${randomBytes(6).toString('hex')}`
    const ids = others.map((_, i) => `${room}-${i}`)
    for (const [i, other] of others.entries())
      await other.evaluate((args) => window.bench.wait(...args), [name, ports, room, ids[i], ids.slice(0, i)])
    const ms = await newcomer.evaluate((args) => window.bench.join(...args), [name, ports, room, `${room}-new`, ids])
    for (const tab of tabs) await tab.evaluate(() => window.bench.leave())
    return ms
  }
  // The first round warms everything up; contenders take turns in being first.
  for (let round = -1; round < rounds; round += 1)
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(turn + round + 1) % names.length]
      let ms
      for (let tries = 0; ms === undefined; tries += 1) {
        if (tries === MOST_TRIES) throw new Error(`${name} has failed to connect ${tries} times in a row.`)
        if (tries > 0) failures.set(name, (failures.get(name) ?? 0) + 1)
        ms = await joinOnce(name)
      }
      if (round >= 0) results.get(name).push(ms)
    }
  await browser.close()
  page.close()
  await Promise.all([broker, ...servers].map((server) => server.stop()))
  for (const [name, count] of failures) console.log(`  ${name}: ${count} joins failed and were made again`)
  return results
}
