// Runs the specs of this folder inside a network of their own: `pnpm nat`. Needs Linux, root, iproute2 and nftables.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { whyNoLab } from './able.mjs'

process.chdir(new URL('..', import.meta.url).pathname)
const missing = whyNoLab()
if (missing !== undefined) {
  console.log(`The tests behind simulated NATs are left out: ${missing}.`)
  process.exit(0)
}

/** @param {...string} args */
const ip = (...args) => spawnSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0

/** Every namespace of this run begins with it. */
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
  // Two addresses: only from two places can be seen whether a NAT maps by destination.
  ip('-n', internet, 'address', 'add', '203.0.113.1/24', 'dev', 'net')
  ip('-n', internet, 'address', 'add', '203.0.113.2/24', 'dev', 'net')
  ip('-n', internet, 'route', 'add', 'default', 'dev', 'net')
  const cli = 'node_modules/.bin/playwright'
  const args = ['netns', 'exec', internet, cli, 'test', '-c', 'playwright.nat.config.ts', ...process.argv.slice(2)]
  // An interrupt reaches the runner as well; the network is taken down when it has ended.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})
  const runner = spawn('ip', args, { stdio: 'inherit', env: { ...process.env, PATCHBAY_LAB: lab } })
  const [status] = await once(runner, 'exit')
  process.exitCode = status ?? 1
} finally {
  takeDown()
}
