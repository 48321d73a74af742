// Bundle size of the client half, mesh included, and of each further part: `pnpm size`.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const base = `
  export { SignalingClient } from '@patchbay/core/client'
  export { Mesh } from '@patchbay/core/mesh'
  export { dialWebSocket } from '@patchbay/transport-websocket/client'
`
/** Lines that a page loads on their first dial. Libraries such as `mqtt` are not counted: every such client needs one. */
const lines = readdirSync(new URL('../packages/lines/node_modules/@patchbay', import.meta.url))
  .filter((name) => name.startsWith('transport-') && name !== 'transport-websocket')
  .toSorted()
  .map((name) => ({ name: name.slice('transport-'.length), code: `export * from '@patchbay/${name}/client'` }))
/** What the clients of lines are built on. The page has `valibot` anyway. */
const libraries = lines.flatMap(({ name }) => {
  const { dependencies } = JSON.parse(
    readFileSync(new URL(`../packages/transport-${name}/package.json`, import.meta.url), 'utf8'),
  )
  return Object.keys(dependencies).filter((one) => !one.startsWith('@patchbay/') && one !== 'valibot')
})
const KIB = 1_024
const BASE_BUDGET = 29.3 * KIB
const LINE_BUDGET = 3 * KIB
/** What a page that calls `joinRoom` loads at once; files and long-poll come later. */
const ROOM_BUDGET = 38.25 * KIB
/** Optional parts, with what they load later. */
const extras = {
  files: { code: "export { FileShare, OpfsStore, MemoryStore } from '@patchbay/core/files'", budget: 16.75 * KIB },
  conversation: { code: "export { Conversation } from '@patchbay/core/conversation'", budget: 6.5 * KIB },
  media: {
    code: "export { LocalDevices, limitMedia, PictureSizes, StatisticsReader } from '@patchbay/core/mesh'",
    budget: 4.4 * KIB,
  },
  sealing: { code: "export { RoomSeal, SignalSeal } from '@patchbay/core/seal'", budget: 2 * KIB },
}

/** @param {string} contents @returns what is loaded at once, and what is loaded later, by chunk. */
async function bundle(contents) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('../apps/web', import.meta.url)) },
    // The lines are no dependencies of the page's: it has them from the list of lines.
    nodePaths: [fileURLToPath(new URL('../packages/lines/node_modules', import.meta.url))],
    external: libraries,
    bundle: true,
    splitting: true,
    metafile: true,
    outdir: 'size',
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@patchbay/source'],
  })
  const outputs = Object.entries(metafile.outputs)
  const sizes = new Map(outputFiles.map(({ path, contents: code }) => [path.split('/').at(-1), sizeOf(code)]))
  const [first] = outputs.find(([, { entryPoint }]) => entryPoint === '<stdin>') ?? ['']
  const atOnce = new Set([first])
  // A set that grows while it is walked is walked to its end.
  for (const path of atOnce)
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && metafile.outputs[next] !== undefined) atOnce.add(next)
  const sum = (/** @type {string[]} */ paths) =>
    paths.reduce(
      (total, path) => {
        const { minified = 0, gzip = 0 } = sizes.get(path.split('/').at(-1)) ?? {}
        return { minified: total.minified + minified, gzip: total.gzip + gzip }
      },
      { minified: 0, gzip: 0 },
    )
  const later = outputs.map(([path]) => path).filter((path) => !atOnce.has(path))
  return { ...sum([...atOnce]), later: sum(later) }
}

/** @param {Uint8Array} code */
function sizeOf(code) {
  return { minified: code.length, gzip: gzipSync(code, { level: 9 }).length }
}

/** @param {number} bytes */
const kib = (bytes) => `${(bytes / KIB).toFixed(1)} KB`
let over = false
/** Kibibytes that each line of the report has measured, at once and later. */
const measured = new Map()

/**
 * @param {string} what
 * @param {{ minified: number, gzip: number, later: { gzip: number } }} size
 * @param {number} budget
 */
function report(what, { minified, gzip, later }, budget) {
  const lazy = later.gzip > 0 ? `, and ${kib(later.gzip)} when it is used` : ''
  console.log(`${what}: ${kib(gzip)} gzip (${kib(minified)} minified)${lazy}, budget ${kib(budget)}`)
  over ||= gzip + later.gzip > budget
  measured.set(what.replace(/ .*/, ''), [gzip / KIB, later.gzip / KIB])
}

/**
 * @param {string} name
 * @param {{ minified: number, gzip: number, later: { gzip: number } }} whole
 * @param {number} budget
 */
function onTop(name, { minified, gzip, later }, budget) {
  report(`${name} on top`, { minified: minified - client.minified, gzip: gzip - client.gzip, later }, budget)
}

const client = await bundle(base)
report('client half with WebSocket', client, BASE_BUDGET)
for (const [name, { code, budget }] of Object.entries(extras)) onTop(name, await bundle(`${base}${code}`), budget)
for (const { name, code } of lines) onTop(name, await bundle(`${base}${code}`), LINE_BUDGET)
const room = await bundle("export { joinRoom } from '@patchbay/room'")
report('joinRoom', { ...room, later: { gzip: 0 } }, ROOM_BUDGET)
if (over) {
  console.error('Something is over its budget.')
  process.exitCode = 1
}

/** The sizes that the README states, and where. */
const stated = {
  client: /whole client side \([^)]*\) is ([\d.]+) KB/,
  conversation: /conversations ([\d.]+) KB/,
  files: /files ([\d.]+) KB and ([\d.]+) KB more/,
  media: /camera and screen ([\d.]+) KB/,
  sealing: /sealing ([\d.]+) KB/,
  longpoll: /long-poll ([\d.]+) KB/,
  mqtt: /MQTT ([\d.]+) KB/,
  sip: /SIP ([\d.]+) KB/,
  joinRoom: /`joinRoom` loads ([\d.]+) KB/,
}
const [small = ''] = /^- \*\*Small\.\*\*.*$/m.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8')) ?? []
for (const [what, pattern] of Object.entries(stated)) {
  const [, ...numbers] = pattern.exec(small) ?? []
  const sizes = measured.get(what) ?? []
  if (numbers.length > 0 && numbers.every((number, i) => Math.abs(Number(number) - sizes[i]) < 0.5)) continue
  console.error(`The README says ${numbers.join(' and ') || 'nothing'} of ${what}, which is more than half a KB off.`)
  process.exitCode = 1
}
