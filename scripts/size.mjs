// Bundle size of the client half, mesh included, and of each further part: `pnpm size`.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const base = `
  export { SignalingClient } from '@patchbay/core/client'
  export { Mesh } from '@patchbay/core/mesh'
  export { dialWebSocket } from '@patchbay/transport-websocket/client'
`
/** Lines that a page loads on their first dial. The `mqtt` package is not counted: every MQTT client needs one. */
const lines = {
  'long-poll': "export { dialLongPoll } from '@patchbay/transport-longpoll/client'",
  MQTT: "export { dialMqtt } from '@patchbay/transport-mqtt/client'",
}
const KIB = 1_024
const BASE_BUDGET = 17 * KIB
const LINE_BUDGET = 3 * KIB
/** Optional parts. `hash-wasm` is loaded with the first file. */
const extras = {
  files: { code: "export { FileShare, OpfsStore, MemoryStore } from '@patchbay/core/files'", budget: 8 * KIB },
  media: {
    code: "export { LocalDevices, MediaBudget, StatisticsReader } from '@patchbay/core/mesh'",
    budget: 3 * KIB,
  },
  sealing: { code: "export { RoomSeal, SignalSeal } from '@patchbay/core/seal'", budget: 2 * KIB },
}

/** @param {string} contents */
async function bundle(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: new URL('../apps/web', import.meta.url).pathname },
    external: ['mqtt', 'hash-wasm'],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@patchbay/source'],
  })
  const code = outputFiles[0]?.contents ?? new Uint8Array()
  return { minified: code.length, gzip: gzipSync(code, { level: 9 }).length }
}

/** @param {number} bytes */
const kib = (bytes) => `${(bytes / KIB).toFixed(1)} KB`
let over = false

/**
 * @param {string} what
 * @param {{ minified: number, gzip: number }} size
 * @param {number} budget
 */
function report(what, { minified, gzip }, budget) {
  console.log(`${what}: ${kib(gzip)} gzip (${kib(minified)} minified), budget ${kib(budget)}`)
  over ||= gzip > budget
}

/**
 * @param {string} name
 * @param {{ minified: number, gzip: number }} whole
 * @param {number} budget
 */
function onTop(name, { minified, gzip }, budget) {
  report(`${name} on top`, { minified: minified - client.minified, gzip: gzip - client.gzip }, budget)
}

const client = await bundle(base)
report('client half with WebSocket', client, BASE_BUDGET)
for (const [name, { code, budget }] of Object.entries(extras)) onTop(name, await bundle(`${base}${code}`), budget)
for (const [name, line] of Object.entries(lines)) onTop(name, await bundle(`${base}${line}`), LINE_BUDGET)
if (over) {
  console.error('Something is over its budget.')
  process.exit(1)
}
