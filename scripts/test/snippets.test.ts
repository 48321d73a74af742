import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  // The blocks of that page are compared with the code that is run, which is compiled anyway.
  .filter((path) => path !== '' && path !== 'docs/write-a-transport.md' && existsSync(`${root}${path}`))

/** Code of all pages, by a file name that tells where it stands. */
const snippets = pages.flatMap((path) => {
  const text = readFileSync(`${root}${path}`, 'utf8')
  return [...text.matchAll(/```(tsx?)\n([\s\S]*?)```/g)].map(([, kind = '', code = ''], index) => ({
    file: `${path.replaceAll(/\W+/g, '-')}-${index + 1}.${kind}`,
    code,
  }))
})

const transports = readdirSync(`${root}packages`).filter((name) => name.startsWith('transport-'))

/** Where packages keep what a reader of these pages would import. */
const paths = {
  '@patchbay/protocol': ['packages/protocol/src/index.ts'],
  '@patchbay/core/store': ['packages/core/src/store.ts'],
  '@patchbay/core/*': ['packages/core/src/*/index.ts'],
  '@patchbay/react': ['packages/react/src/index.ts'],
  '@patchbay/server': ['packages/server/src/index.ts'],
  '@patchbay/plug': ['packages/plug/src/index.ts'],
  '@patchbay/room': ['packages/room/src/index.ts'],
  '@patchbay/room/*': ['packages/room/src/*.ts'],
  '@patchbay/fault-proxy': ['packages/fault-proxy/src/index.ts'],
  '@patchbay/signaling-conformance': ['packages/signaling-conformance/src/index.ts'],
  '@patchbay/transport-conformance': ['packages/transport-conformance/src/index.ts'],
  '@patchbay/engine-conformance': ['packages/engine-conformance/src/index.ts'],
  '@patchbay/engine-redis': ['packages/engine-redis/src/index.ts'],
  ...Object.fromEntries(transports.map((name) => [`@patchbay/${name}/*`, [`packages/${name}/src/*.ts`]])),
  ws: ['packages/transport-websocket/node_modules/@types/ws'],
  react: ['packages/react/node_modules/@types/react'],
  'react/*': ['packages/react/node_modules/@types/react/*'],
}

test(
  'every snippet of the README, of docs/ and of the packages’ pages compiles as it stands',
  { timeout: 60_000 },
  () => {
    const folder = `${root}reports/snippets`
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    for (const { file, code } of snippets) writeFileSync(`${folder}/${file}`, `${code}\nexport {}\n`)
    const config = {
      extends: '../../tsconfig.base.json',
      compilerOptions: {
        composite: false,
        noEmit: true,
        isolatedDeclarations: false,
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
        module: 'esnext',
        moduleResolution: 'bundler',
        jsx: 'react-jsx',
        types: ['node'],
        typeRoots: ['../../node_modules/@types'],
        paths: Object.fromEntries(Object.entries(paths).map(([name, [path]]) => [name, [`../../${path}`]])),
      },
      include: ['*.ts', '*.tsx'],
    }
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config))
    const { stdout, status } = spawnSync(
      'pnpm',
      ['exec', 'tsc', '-p', `${folder}/tsconfig.json`, '--pretty', 'false'],
      {
        cwd: root,
        encoding: 'utf8',
      },
    )
    expect(snippets.length).toBeGreaterThan(8)
    expect(stdout).toBe('')
    expect(status).toBe(0)
  },
)
