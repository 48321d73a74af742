// Begins a transport as a copy of a sibling whose tests pass: `pnpm gen transport NAME`, or with `--behind-exchange`.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

/** Siblings to begin with, by the shape of the listener: what they are called, in the words that are replaced. */
const siblings = {
  requests: { from: 'examples/transport-sse', packageName: '@patchbay/example-transport-sse', word: 'sse' },
  exchange: { from: 'packages/transport-sip', packageName: '@patchbay/transport-sip', word: 'sip' },
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message)
  process.exit(1)
}

/** @param {string} word */
function isIdentifier(word) {
  try {
    new Script(`'use strict'; const ${word} = 0`).runInNewContext()
    return true
  } catch {
    return false
  }
}

const [what, name = '', ...flags] = process.argv.slice(2)
const unknown = flags.find((flag) => flag !== '--behind-exchange')
if (what !== 'transport' || name === '' || unknown !== undefined)
  fail('Usage: pnpm gen transport NAME [--behind-exchange], for example: pnpm gen transport pigeon')
if (!/^[a-z][a-z0-9]{1,30}$/.test(name))
  fail(`"${name}": the name must be 2 to 31 lowercase letters and digits, and begin with a letter.`)
const folder = `packages/transport-${name}`
if (existsSync(folder)) fail(`${folder} is there already.`)
// Its plug is imported under its name, and `auto` is the choice of whoever does not choose a line.
const imported =
  readFileSync('packages/lines/src/index.ts', 'utf8').match(/\bplug as \w+|\b(?:const|function) \w+/g) ?? []
const taken = ['auto', 'await', ...imported.map((found) => found.split(' ').at(-1))]
if (taken.includes(name) || !isIdentifier(name)) fail(`"${name}": the name is taken, or a word of the language.`)
// Names that the code of the list has for something else, and paths of the server, those of other lines among them.
if (['name', 'lines', 'plug'].includes(name)) fail(`"${name}": the list of lines calls something else so.`)
const paths = ['packages', 'examples'].flatMap((parent) =>
  readdirSync(parent).flatMap((sibling) => {
    const serve = join(parent, sibling, 'src/serve.ts')
    const text = existsSync(serve) ? readFileSync(serve, 'utf8') : ''
    return [...text.matchAll(/\$\{host\.base\}\/(\w+)`/g)].map(([, path]) => path)
  }),
)
if (['credentials', 'healthz', 'metrics', 'readyz', 'rooms', ...paths].includes(name))
  fail(`"${name}": the server has another path /${name}.`)
// The variables of the copy begin with its name.
const configuration = readFileSync('docs/configuration.md', 'utf8')
if (configuration.includes(`\`${name.toUpperCase()}_`))
  fail(`"${name}": other variables begin with ${name.toUpperCase()}_ already: docs/configuration.md.`)

const { from, packageName, word } = siblings[flags.length > 0 ? 'exchange' : 'requests']
/** @param {string} text */
const capital = (text) => `${text[0]?.toUpperCase()}${text.slice(1)}`

const leftOut = /node_modules|dist|\.tsbuild|\.turbo|reports|mutants/
/** @param {string} path @returns {string[]} */
const filesIn = (path) =>
  readdirSync(path).flatMap((entry) => {
    const file = join(path, entry)
    if (leftOut.test(entry)) return []
    return statSync(file).isDirectory() ? filesIn(file) : [file]
  })
// Names of types and functions of the copy must not be those of something else.
const used = new Set(filesIn(from).flatMap((file) => readFileSync(file, 'utf8').match(/\w+/g) ?? []))
for (const identifier of used) {
  const own = identifier.replace(new RegExp(`^(dial|listen)?${capital(word)}(?=[A-Z]|$)`), `$1${capital(name)}`)
  if (own !== identifier && (used.has(own) || own in globalThis))
    fail(`"${name}": ${own} is something else already, and would be a name of the copy.`)
}

cpSync(from, folder, { recursive: true, filter: (path) => !leftOut.test(path) })
for (const file of filesIn(folder)) {
  const text = readFileSync(file, 'utf8')
    .replace(/"description": ".*"/, `"description": "Patchbay signaling over ${capital(name)}"`)
    .replaceAll(packageName, `@patchbay/transport-${name}`)
    .replaceAll(new RegExp(`(example-)?transport-${word}\\b`, 'g'), `transport-${name}`)
    // Names of types and functions, and the name of the line; not URLs or words of the protocol.
    .replaceAll(new RegExp(`\\b(dial|listen)?${capital(word)}(?=[A-Z(,} ])`, 'g'), `$1${capital(name)}`)
    .replaceAll(new RegExp(`((?:NAME|name) = |name: |line: |DialError\\(|lazyDialer\\()'${word}'`, 'g'), `$1'${name}'`)
    // What it is called by people, its path on the server, and its variables.
    .replaceAll(new RegExp(`label: '${word.toUpperCase()}[^']*'`, 'g'), `label: '${capital(name)}'`)
    .replaceAll(new RegExp(`([}\`])/${word}\``, 'g'), `$1/${name}\``)
    .replaceAll(`/${word}'`, `/${name}'`)
    .replaceAll(new RegExp(`\\b(No|no) ${word.toUpperCase()} (?=line|account)`, 'g'), `$1 ${capital(name)} `)
    .replaceAll(new RegExp(`\\b${word.toUpperCase()}_`, 'g'), `${name.toUpperCase()}_`)
    .replaceAll(`LINES=${word}`, `LINES=${name}`)
    .replace('"tags": ["app"]', '"tags": ["transport"]')
  writeFileSync(file, text)
}
writeFileSync(
  join(folder, 'README.md'),
  `# @patchbay/transport-${name}

[Patchbay](../../README.md) signaling over ${capital(name)}: a transport that keeps to the [contract](../../docs/transport-contract.md). It is a copy of [\`${from}\`](../../${from}/README.md). Say here how its wire differs.
`,
)
const ownTest = join(folder, 'test', `${word}.test.ts`)
if (existsSync(ownTest)) renameSync(ownTest, join(folder, 'test', `${name}.test.ts`))

/** Adds a line after the one that has `after` in it. @param {string} file @param {RegExp} after @param {string} added */
function insert(file, after, added) {
  const text = readFileSync(file, 'utf8')
  if (!after.test(text)) fail(`${file} has no place for the new transport.`)
  writeFileSync(
    file,
    text.replace(after, (found) => `${found}${added}`),
  )
}
insert(
  'tsconfig.json',
  /"path": "packages\/transport-websocket"\n {4}\},/,
  `\n    {\n      "path": "${folder}"\n    },`,
)
// The list of lines: the package, and its plug.
insert(
  'packages/lines/package.json',
  /"@patchbay\/plug": "workspace:\*",/,
  `\n    "@patchbay/transport-${name}": "workspace:*",`,
)
insert(
  'packages/lines/tsconfig.src.json',
  /"path": "\.\.\/plug\/tsconfig\.src\.json"\n {4}\},/,
  `\n    {\n      "path": "../transport-${name}/tsconfig.src.json"\n    },`,
)
insert(
  'packages/lines/src/index.ts',
  /import type \{ LinePlug \} from '@patchbay\/plug'/,
  `\nimport { plug as ${name} } from '@patchbay/transport-${name}/plug'`,
)
insert('packages/lines/src/index.ts', /LinePlug\[\] = \[[^\]]*?(?=,?\s*\])/, `, ${name}`)

// Names of other lengths fill lines, and sort, in another way.
// Not by `pnpm exec`, which would install first.
const format = spawnSync(process.execPath, ['node_modules/oxfmt/bin/oxfmt', folder, 'packages/lines'], {
  encoding: 'utf8',
})
if (format.status !== 0)
  fail(`${folder} is a copy of ${from}, but the formatter fails; run \`pnpm format\`: ${format.stderr}`)

const variables = filesIn(join(folder, 'src')).flatMap(
  (file) => readFileSync(file, 'utf8').match(new RegExp(`\\b${name.toUpperCase()}_[A-Z_]+`, 'g')) ?? [],
)
const describe = `
Describe its variables in docs/configuration.md, which the tests of the list ask for:

  ${[...new Set(variables)].toSorted().join('\n  ')}

Then write .env.example anew:

  pnpm build && node scripts/env-example.mjs
`

console.log(`${folder} is a copy of ${from}, and passes its tests:

  pnpm install
  pnpm exec vitest run --project transport-${name}
${variables.length > 0 ? describe : ''}
Now change its wire and keep them green; docs/write-a-transport.md says what the rules mean. It is among the lines of
packages/lines: with LINES=websocket,${name} the server serves it and the page offers it.`)
