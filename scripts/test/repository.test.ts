import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { mutants } from '../mutants.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => existsSync(`${root}${path}`))
const manifests = tracked.filter((path) => path.endsWith('package.json'))
const files = tracked.filter((path) => /\.(ts|tsx|mjs|css)$/.test(path))
const packages = files.filter((path) => /^packages\/[^/]+\/src\//.test(path))

test('no source file has more than 400 lines', () => {
  const long = files.filter((path) => readFileSync(`${root}${path}`, 'utf8').split('\n').length > 400)
  expect(long).toEqual([])
})

test('a transport is published without the server, rooms and other transports, which its tests may use', () => {
  const transports = manifests.filter((path) => /^packages\/transport-[^/]+\/package\.json$/.test(path))
  expect(transports.length).toBeGreaterThan(4)
  const above = transports.flatMap((path) => {
    const { dependencies = {} } = JSON.parse(readFileSync(`${root}${path}`, 'utf8')) as { dependencies?: object }
    const wrong = Object.keys(dependencies).filter((name) => /^@patchbay\/(server|room|lines|transport-)/.test(name))
    return wrong.map((name) => `${path}: ${name}`)
  })
  expect(above).toEqual([])
})

test('lint lets each layer of core import what the architecture says, by its `index.ts`, and nothing else', () => {
  const table = readFileSync(`${root}docs/architecture.md`, 'utf8')
  const rows = [...table.matchAll(/^\| `core\/(\w+)` .*\| (.*) \|$/gm)].map(([, layer = '', may = '']) => ({
    layer,
    may,
  }))
  const folders = new Set(packages.map((path) => /^packages\/core\/src\/(\w+)\//.exec(path)?.[1]).filter(Boolean))
  expect(rows.map(({ layer }) => layer).toSorted()).toEqual([...folders].toSorted())
  const { overrides } = JSON.parse(readFileSync(`${root}.oxlintrc.json`, 'utf8')) as {
    overrides: { files: string[]; rules: { 'no-restricted-imports'?: [string, { patterns: { regex: string }[] }] } }[]
  }
  const wrong = rows.flatMap(({ layer, may }) => {
    const own = overrides.filter(({ files: of }) => of.includes(`packages/core/src/${layer}/**`))
    const patterns = own.flatMap(({ rules }) => rules['no-restricted-imports']?.[1].patterns ?? [])
    const isRefused = (path: string) => patterns.some(({ regex }) => new RegExp(regex).test(path))
    return rows
      .filter((other) => other.layer !== layer)
      .filter((other) => {
        const isAllowed = may.includes(`\`core/${other.layer}\``)
        return isRefused(`../${other.layer}/index.ts`) === isAllowed || !isRefused(`../${other.layer}/some-file.ts`)
      })
      .map((other) => `${layer} -> ${other.layer}`)
  })
  expect(wrong).toEqual([])
})

test('no file of the mesh, the files and the client has more than 320 lines', () => {
  const own = files.filter((path) => /^packages\/core\/src\/(mesh|files|client)\//.test(path))
  expect(own.length).toBeGreaterThan(20)
  expect(own.filter((path) => readFileSync(`${root}${path}`, 'utf8').split('\n').length > 321)).toEqual([])
})

test('no class of the mesh, the files and the client has more than 7 private fields that change', () => {
  const own = files.filter((path) => /^packages\/core\/src\/(mesh|files|client)\/.*\.ts$/.test(path))
  const counts = own.flatMap((path) =>
    [...readFileSync(`${root}${path}`, 'utf8').matchAll(/^(?:export )?class (\w+)[^{]*\{\n(.*?)^\}/gms)].map(
      ([, name = '', body = '']) => [name, new Set(body.match(/^ {2}#\w+(?=[ :=?!])/gm)).size] as const,
    ),
  )
  expect(counts.length).toBeGreaterThan(30)
  expect(counts.filter(([, count]) => count > 7)).toEqual([])
})

test('no public class of core has a method that is not for everyone', () => {
  const core = packages.filter((path) => path.startsWith('packages/core/'))
  expect(core.filter((path) => readFileSync(`${root}${path}`, 'utf8').includes('@internal'))).toEqual([])
})

test('the search text of every mutant occurs exactly once', () => {
  const astray = mutants.filter(({ file, find }) => readFileSync(`${root}${file}`, 'utf8').split(find).length !== 2)
  expect(mutants.length).toBeGreaterThan(0)
  expect(astray.map(({ name }) => name)).toEqual([])
})

describe('every public export has a docstring', () => {
  const entries = packages.filter((path) => path.endsWith('/index.ts') || /\/(client|server|store)\.ts$/.test(path))
  test.each(entries)('%s', (entry) => {
    const folder = entry.split('/').slice(0, 2).join('/')
    const sources = packages
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => readFileSync(`${root}${path}`, 'utf8'))
    const text = readFileSync(`${root}${entry}`, 'utf8')
    const listed = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, names = '']) => names.split(','))
    const own = [
      ...text.matchAll(/^export (?:abstract )?(?:class|(?:async )?function|const|interface|type) (\w+)/gm),
    ].map(([, name]) => name)
    const names = [...listed.map((name) => name.trim().replace(/^type /, '')), ...own].filter((name) => name !== '')
    const bare = names.filter((name) => {
      const declaration = new RegExp(
        `(^|\n)((?:[^\n]+\n)*)export (?:abstract )?(?:class|(?:async )?function|const|interface|type) ${name}\\b`,
      )
      const found = sources.map((source) => declaration.exec(source)).find((match) => match !== null)
      return found === undefined ? !/^[A-Z]/.test(name ?? '') : !found[2]?.includes('*/')
    })
    expect(bare).toEqual([])
  })
})

describe('browser entries import no Node modules', () => {
  const browserEntries = packages.filter((path) =>
    /\/(client)\.ts$|protocol\/src\/index\.ts|core\/src\/(client|mesh)\/index\.ts|react\/src\/index\.ts/.test(path),
  )
  const server = new Set([...builtinModules, 'ws', 'aedes', 'pino'])
  test.each(browserEntries)('%s', async (entry) => {
    const imports: string[] = []
    await build({
      entryPoints: [`${root}${entry}`],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      conditions: ['@patchbay/source'],
      external: ['react'],
      plugins: [
        {
          name: 'note imports',
          setup({ onResolve }) {
            onResolve({ filter: /.*/ }, ({ path, importer }) => {
              // JsSIP brings the npm package of that name along.
              if (path !== 'events' || !importer.includes('/jssip/')) imports.push(path)
              return undefined
            })
          },
        },
      ],
    })
    expect(imports.filter((path) => path.startsWith('node:') || server.has(path.split('/')[0] ?? ''))).toEqual([])
  })
})

test('no path is the `pathname` of a URL, which has spaces and other letters escaped', () => {
  const isWrong = (path: string) => /import\.meta\.url\)\.pathname/.test(readFileSync(`${root}${path}`, 'utf8'))
  expect(files.filter(isWrong)).toEqual([])
})

test('every message of the catalog is used by the page', () => {
  const page = files
    .filter((path) => path.startsWith('apps/web/src/'))
    .map((path) => readFileSync(`${root}${path}`, 'utf8'))
    .join('\n')
  const catalog = JSON.parse(readFileSync(`${root}apps/web/messages/en.json`, 'utf8')) as Record<string, object>
  // Keys that the page composes: media failures, kinds of log entries, and why a transfer was stopped, a message not sent or a line refused.
  const composed =
    /^(Status\.why$|Media\.(denied|system|missing|busy|insecure|ended|crowded|failed)|Chat\.(joined|back|left|lost|cut|not_\w+)$|Files\.(declined|cancelled|unreadable|no_space|corrupt|lied|stalled|too_many|unsupported)(ByUs)?$)/
  const unused = Object.entries(catalog).flatMap(([group, messages]) =>
    Object.keys(messages)
      .filter((key) => !new RegExp(`['.]${key}['"]`).test(page) && !composed.test(`${group}.${key}`))
      .map((key) => `${group}.${key}`),
  )
  expect(unused).toEqual([])
})

describe('docs/write-a-transport.md shows the code that is run', () => {
  /** Ignores line breaks and trailing commas, which depend on the formatter. */
  const bare = (text: string) => text.replaceAll(/\s+|,(?=\s*([\]})]|$))/g, '')
  const page = readFileSync(`${root}docs/write-a-transport.md`, 'utf8')
  const blocks = [...page.matchAll(/<!-- (\S+) -->\n\n```ts\n([\s\S]*?)```/g)]

  test('in every block', () => {
    expect(blocks.length).toBe(page.split('```ts').length - 1)
    expect(blocks.length).toBeGreaterThan(8)
  })

  test.each(blocks.map(([, path = '', code = '']) => [path, code.split('\n', 1)[0] ?? '', code] as const))(
    '%s: %s',
    (path, _, code) => {
      expect(bare(readFileSync(`${root}${path}`, 'utf8'))).toContain(bare(code))
    },
  )
})
