// Starts the signaling server and the web app: `pnpm start`, or `pnpm dev` with reload on change. `pnpm start --nodes 2` starts
// two servers that share rooms, with a Redis and an nginx that gives each connection and request to the next one.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { parseArgs } from 'node:util'

const { dev: development, nodes: nodeCount } = readArguments()
const nodes = Number(nodeCount)
const signalingPort = process.env.SIGNALING_PORT ?? '4000'
const webPort = process.env.WEB_PORT ?? '3000'
process.env.NEXT_TELEMETRY_DISABLED ??= '1'
process.env.TURBO_TELEMETRY_DISABLED ??= '1'

/** @param {string} line */
function fail(line) {
  console.error(line)
  process.exit(1)
}

function readArguments() {
  try {
    const args = process.argv.slice(2).filter((arg) => arg !== '--')
    const options = /** @type {const} */ ({
      dev: { type: 'boolean', default: false },
      nodes: { type: 'string', default: '1' },
    })
    return parseArgs({ args, options }).values
  } catch (error) {
    console.error(/** @type {Error} */ (error).message)
    process.exit(1)
  }
}

/**
 * @param {string} port
 * @param {string} variable
 */
async function requireFreePort(port, variable) {
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    fail(`${variable} must be a port number from 1 to 65535, not "${port}".`)
  const probe = createServer().listen(Number(port))
  const failure = await once(probe, 'listening').then(
    () => undefined,
    (error) => error.code,
  )
  if (failure === 'EACCES') fail(`Port ${port} may not be opened by this user. Set ${variable} to 1024 or higher.`)
  if (failure !== undefined)
    fail(`Port ${port} is in use. Stop the program that uses it, or set ${variable} to a free port.`)
  probe.close()
  await once(probe, 'close')
}

if (!Number.isInteger(nodes) || nodes < 1 || nodes > 9)
  fail('--nodes must be a number from 1 to 9, as in `pnpm start --nodes 2`.')
await requireFreePort(signalingPort, 'SIGNALING_PORT')
await requireFreePort(webPort, 'WEB_PORT')

const filter = development ? ['--filter=@patchbay/web^...', '--filter=@patchbay/server-app'] : []
console.log(development ? 'Building the packages…' : 'Building. The first time takes about a minute…')
const build = spawnSync('pnpm', ['exec', 'turbo', 'run', 'build', '--output-logs=errors-only', ...filter], {
  stdio: 'inherit',
})
if (build.status !== 0) fail('The build failed; see the output above.')

/** @type {import('node:child_process').ChildProcess[]} */
const children = []
/** @type {(() => Promise<void>)[]} */
const others = []
let stopping = false
/** @type {Promise<void> | undefined} */
let stopped

/** Stops every program, with the processes it started, and waits until they have exited; whoever asks again waits too. */
function stop() {
  stopping = true
  return (stopped ??= stopAll())
}

async function stopAll() {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
      const gone = once(child, 'exit')
      process.kill(-child.pid, 'SIGTERM')
      await gone
    }),
  )
  // The servers take their leave of each other through them.
  await Promise.allSettled(others.map((end) => end()))
}

/**
 * @param {string} folder
 * @param {string[]} args
 * @param {Record<string, string>} env
 */
function run(folder, args, env) {
  if (stopping) return
  const options = { cwd: new URL(`../apps/${folder}/`, import.meta.url), env: { ...process.env, ...env } }
  const child = spawn('node', args, { ...options, stdio: ['ignore', 'inherit', 'inherit'], detached: true })
  children.push(child)
  child.once('exit', async (code) => {
    if (stopping) return
    console.error(`The ${folder} program exited unexpectedly (exit code ${code}). Stopping the rest.`)
    await stop()
    process.exit(1)
  })
}

/** @param {string} url */
async function untilItAnswers(url) {
  for (;;) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok === true || stopping) return
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    await stop()
    process.exit(0)
  })
}

/** Restarts the server when a module that it has loaded is built anew, whichever package that is in. */
const watch = development ? ['--watch', '--watch-preserve-output'] : []
/**
 * @param {string} port
 * @param {Record<string, string>} env
 */
const runServer = (port, env = {}) =>
  run('server', ['--max-semi-space-size=4', ...watch, 'dist/main.js'], {
    PORT: port,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
    DRAIN_SPREAD_MS: process.env.DRAIN_SPREAD_MS ?? '500',
    ...env,
  })

/**
 * Starts what is stopped after the servers, also when it is still starting then.
 * @template {{ stop(): Promise<void> }} T
 * @param {Promise<T>} starting
 */
function runOther(starting) {
  others.push(async () => (await starting).stop())
  return starting
}

/** Several servers behind a balancer. */
async function runNodes() {
  const { findProgram, freePort, startNginx, startRedis } = await import('../packages/test-servers/dist/index.js')
  const missing = ['redis-server', 'nginx'].filter((name) => findProgram(name) === undefined)
  if (missing.length > 0) fail(`--nodes needs ${missing.join(' and ')}: install them from your system's packages.`)
  const redis = await runOther(startRedis(true))
  const ports = []
  for (let i = 1; i <= nodes; i += 1) {
    const port = await freePort()
    ports.push(port)
    runServer(String(port), {
      ENGINE_URL: redis.url,
      NODE_NAME: `node-${i}`,
      TRUST_PROXY: 'loopback',
      METRICS_PORT: '',
      MQTT_PORT: '',
    })
    await untilItAnswers(`http://127.0.0.1:${port}/readyz`)
  }
  if (stopping) return
  await runOther(startNginx(ports, { port: Number(signalingPort), isDetached: true }))
  console.log(`${nodes} servers on ports ${ports.join(', ')}, behind a balancer.`)
}

if (nodes > 1) {
  await runNodes().catch(async (error) => {
    await stop()
    fail(error.message)
  })
} else runServer(signalingPort)
run('web', ['node_modules/next/dist/bin/next', development ? 'dev' : 'start', '-p', webPort], {
  SIGNALING_PORT: signalingPort,
})
if (development && !stopping) {
  const options = { stdio: /** @type {const} */ (['ignore', 'ignore', 'inherit']), detached: true }
  children.push(
    spawn(
      'pnpm',
      [
        'exec',
        'tsc',
        '-b',
        '--watch',
        '--preserveWatchOutput',
        'apps/server/tsconfig.src.json',
        'packages/react/tsconfig.src.json',
      ],
      options,
    ),
  )
}
await Promise.all([
  untilItAnswers(`http://127.0.0.1:${signalingPort}/readyz`),
  untilItAnswers(`http://127.0.0.1:${webPort}/icon.svg`),
])

if (!stopping) {
  console.log(`
  Patchbay is up.

    Open        http://localhost:${webPort}
    Signaling   ws://localhost:${signalingPort}/ws     health at http://localhost:${signalingPort}/healthz

  Open it in two windows to talk to yourself. Ctrl-C stops both programs.
  Ports come from WEB_PORT and SIGNALING_PORT.
`)
}
