// Runs the specs of this folder in a simulated network: `pnpm nat`. Needs Linux, root, iproute2 and nftables.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { whyNoLab } from './able.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const missing = whyNoLab()
if (missing !== undefined) {
  console.log(`The tests behind simulated NATs are left out: ${missing}.`)
  process.exit(0)
}

/** @param {...string} args */
const ip = (...args) => spawnSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0

/** Prefix of every namespace of this run. */
const lab = `pb${process.pid}`
const internet = `${lab}-internet`

function takeDown() {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' })
  for (const line of stdout.split('\n')) {
    const [name = ''] = line.split(' ')
    if (name.startsWith(`${lab}-`)) ip('netns', 'delete', name)
  }
}

try {
  ip('netns', 'add', internet)
  ip('-n', internet, 'link', 'set', 'lo', 'up')
  ip('-n', internet, 'link', 'add', 'net', 'type', 'bridge')
  ip('-n', internet, 'link', 'set', 'net', 'up')
  // Two for the site of each worker: a mapping per destination can be detected only from two vantage points.
  for (const host of [1, 2, 3, 4]) ip('-n', internet, 'address', 'add', `203.0.113.${host}/24`, 'dev', 'net')
  ip('-n', internet, 'route', 'add', 'default', 'dev', 'net')
  const cli = 'node_modules/.bin/playwright'
  const args = ['netns', 'exec', internet, cli, 'test', '-c', 'playwright.nat.config.ts', ...process.argv.slice(2)]
  // An interrupt reaches the test runner too; the network is removed after it has exited.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})
  const runner = spawn('ip', args, { stdio: 'inherit', env: { ...process.env, PATCHBAY_LAB: lab } })
  const [status] = await once(runner, 'exit')
  process.exitCode = status ?? 1
} finally {
  takeDown()
}
