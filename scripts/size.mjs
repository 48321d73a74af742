// What the client half weighs in a page: core, protocol and the WebSocket line, mesh included. `pnpm size`.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const BUDGET_BYTES = 17 * 1024

const entry = `
  export { SignalingClient } from '@patchbay/core/client'
  export { Mesh, LocalDevices } from '@patchbay/core/mesh'
  export { dialWebSocket } from '@patchbay/transport-websocket/client'
`
const { outputFiles } = await build({
  stdin: { contents: entry, resolveDir: new URL('../packages/react', import.meta.url).pathname },
  nodePaths: [new URL('../apps/web/node_modules', import.meta.url).pathname],
  bundle: true,
  minify: true,
  write: false,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  conditions: ['@patchbay/source'],
})
const code = outputFiles[0]?.contents ?? new Uint8Array()
const gzip = gzipSync(code, { level: 9 }).length
const kib = (/** @type {number} */ bytes) => `${(bytes / 1024).toFixed(1)} KB`
console.log(`client half: ${kib(gzip)} gzip (${kib(code.length)} minified), budget ${kib(BUDGET_BYTES)}`)
if (gzip > BUDGET_BYTES) {
  console.error('The client half is over its budget.')
  process.exit(1)
}
