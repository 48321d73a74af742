// Takes MQTT and the SSE example out of a copy of the repository, by few edits, and checks what is left: `node scripts/without.mjs`.
// Arguments go to vitest, such as `--project lines`; by default it runs every project but `repository`, which compares prose with
// code. The guide, the README and the deployment describe these lines, and are not edited.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAX_EDITS = 6
const root = fileURLToPath(new URL('..', import.meta.url))
const copy = mkdtempSync(join(tmpdir(), 'patchbay-without-'))
process.once('exit', () => rmSync(copy, { recursive: true, force: true }))

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
for (const file of files.trim().split('\n'))
  if (existsSync(join(root, file))) cpSync(join(root, file), join(copy, file))

for (const folder of ['packages/transport-mqtt', 'examples/transport-sse'])
  rmSync(join(copy, folder), { recursive: true })

/** Paths outside those folders that had to be touched. */
const touched = new Set()

/** Takes text out of a file. @param {string} file @param {readonly (string | RegExp)[]} texts each must be there. */
function takeOut(file, ...texts) {
  touched.add(file)
  let text = readFileSync(join(copy, file), 'utf8')
  for (const one of texts) {
    const left = text.replace(one, '')
    if (left === text) throw new Error(`${file} has no ${one}.`)
    text = left
  }
  writeFileSync(join(copy, file), text)
}

/** Takes out a reference of a TypeScript project. @param {string} path */
const reference = (path) => new RegExp(`\\{\\s*"path": "[./]*${path}(/tsconfig\\.src\\.json)?"\\s*\\},\\s*`)

/** Takes out a file or a folder that is about one of these lines only. @param {string} path */
function drop(path) {
  touched.add(path)
  rmSync(join(copy, path), { recursive: true })
}

takeOut(
  'packages/lines/package.json',
  / *"@patchbay\/transport-mqtt": "workspace:\*",\n/,
  / *"@patchbay\/example-transport-sse": "workspace:\*",\n/,
)
takeOut(
  'packages/lines/src/index.ts',
  "import { plug as mqtt } from '@patchbay/transport-mqtt/plug'\n",
  "import { plug as sse } from '@patchbay/example-transport-sse/plug'\n",
  ', mqtt',
  ', sse',
  ',mqtt',
)
takeOut('packages/lines/tsconfig.src.json', reference('transport-mqtt'), reference('examples/transport-sse'))
takeOut(
  'tsconfig.json',
  reference('packages/transport-mqtt'),
  reference('examples/transport-sse'),
  reference('examples/device'),
)
drop('apps/server/test/hostile-mqtt.test.ts')
// A device that speaks MQTT.
drop('examples/device')

console.log(`${touched.size} of at most ${MAX_EDITS} touched outside their folders: ${[...touched].join(', ')}`)

const projects = process.argv.length > 2 ? process.argv.slice(2) : ['--project', '!repository']
const runs = [
  ['install', '--offline', '--no-frozen-lockfile', '--ignore-scripts'],
  ['exec', 'tsc', '-b'],
  ['exec', 'turbo', 'run', 'build', '--output-logs=errors-only'],
  ['exec', 'oxlint', '--deny-warnings'],
  ['exec', 'vitest', 'run', ...projects],
]
const failed = runs.find((args) => {
  console.log(`\npnpm ${args.join(' ')}`)
  return spawnSync('pnpm', args, { cwd: copy, stdio: 'inherit' }).status !== 0
})
if (failed !== undefined) console.error(`Without these lines, this fails: pnpm ${failed.join(' ')}`)
process.exitCode = failed === undefined && touched.size <= MAX_EDITS ? 0 : 1
