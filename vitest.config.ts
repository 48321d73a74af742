import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { defineConfig, type Plugin } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { mutants } from './scripts/mutants.mjs'

/** Builds one deliberate defect into the sources, for `pnpm teeth`. */
function mutate(name: string): Plugin {
  const mutant = mutants.find((candidate) => candidate.name === name)
  if (mutant === undefined) throw new Error(`There is no mutant "${name}".`)
  const { file, find, replace } = mutant
  return {
    name: 'mutate',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith(`/${file}`)) return undefined
      if (code.split(find).length !== 2) throw new Error(`"${name}" no longer fits ${file}.`)
      return code.replace(find, () => replace)
    },
  }
}

const project = (name: string, root: string, exclude: readonly string[] = []) => ({
  extends: true as const,
  test: { name, root, include: ['test/**/*.test.{ts,tsx}'], exclude: [...exclude] },
})

/** Mostly waiting for what networks and servers do: several files at once. */
const waiting = { fileParallelism: true, maxWorkers: 5, sequence: { groupOrder: 1 } }

/** Starts what takes a minute first: begun last it would be alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) =>
      /reliability|cluster|authorize|hostile-silence|gen\.test|simulator/.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

/** Tests that compute, and measure no time: one file for each core. */
const computing = { fileParallelism: true, maxWorkers: 2, sequence: { groupOrder: 2 } }

/**
 * A package whose tests mostly compute.
 * @param pool threads start sooner than processes, but `node-datachannel` ends the process with the thread that used it.
 */
const computingProject = (name: string, root: string, pool: 'threads' | 'forks' = 'threads') => {
  const { test, ...others } = project(name, root)
  return { ...others, test: { ...test, ...computing, pool } }
}

/** A package whose tests mostly wait. */
const waitingProject = (name: string, root: string) => {
  const { test, ...others } = project(name, root)
  return { ...others, test: { ...test, ...waiting } }
}

/** Every folder of a transport: `packages/transport-mqtt` is the project `transport-mqtt`. */
const transports = ['packages', 'examples'].flatMap((folder) =>
  readdirSync(new URL(folder, import.meta.url))
    .filter((name) => name.startsWith('transport-') && name !== 'transport-conformance')
    .map((name) => {
      const ofKind = name === 'transport-memory' || name === 'transport-websocket' ? computingProject : waitingProject
      return ofKind(folder === 'examples' ? `example-${name}` : name, `${folder}/${name}`)
    }),
)

/** `pnpm nightly`: everything. */
const isNightly = process.env.NIGHTLY !== undefined

/** What is tried over two servers, for the sake of time. */
const twoServers = (line: string) => {
  if (isNightly || line === 'websocket') return ['{delivery,presence}']
  return line === 'longpoll' ? ['presence'] : []
}

/** What the session promises is tried over every line: the same files, once for each. */
const reliabilityOver = (line: string) => {
  const of = (name: string, files: string, sequence: object, env: Record<string, string> = {}) => ({
    extends: true as const,
    test: {
      name,
      root: 'apps/server',
      include: [`test/reliability/${files}.test.ts`],
      env: { LINE: line, ...env },
      ...sequence,
    },
  })
  return [
    of(`server over ${line}`, '{delivery,presence}', waiting),
    // The same promises hold where every connection and request may reach another server: over all lines in `pnpm nightly`.
    ...twoServers(line).map((files) => of(`two servers over ${line}`, files, waiting, { NODES: '2' })),
    // One at a time, and so over all lines in `pnpm nightly` only.
    ...(isNightly || line === 'websocket' ? [of(`server under load over ${line}`, '{pressure,restart}', {})] : []),
  ]
}

/** Lines of a deployment that sets nothing, as far as they are there. */
const usualLines = ['websocket', 'longpoll', 'mqtt'].filter((name) =>
  existsSync(new URL(`packages/transport-${name}`, import.meta.url)),
)

/** Tests of the server that mostly wait, and do not measure how a bystander fares. */
const unhurried = [
  'test/nodes/*.test.ts',
  'test/room-signaling.test.ts',
  'test/{authorize,tokens,hostile-silence}.test.ts',
]

/** A package whose dependencies are those of React 18, peers included. */
const fromReact18 = createRequire(new URL('packages/react/react-18/package.json', import.meta.url))
const reactEntries = [
  'react',
  'react/jsx-runtime',
  'react/jsx-dev-runtime',
  'react-dom',
  'react-dom/client',
  'react-dom/server',
  '@testing-library/react',
]

/** The tests of the hooks with the oldest version of React that they work with. */
const hooks = project('react 18', 'packages/react')
const react18 = {
  ...hooks,
  test: { ...hooks.test, env: { REACT_VERSION: '18' } },
  resolve: {
    alias: reactEntries.map((name) => ({ find: new RegExp(`^${name}$`), replacement: fromReact18.resolve(name) })),
  },
}

/** Workspace packages are tested from their sources: no build comes first. */
const conditions = ['@patchbay/source', 'module', 'node', 'development|production']

export default defineConfig({
  plugins: process.env.MUTANT === undefined ? [] : [mutate(process.env.MUTANT)],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    environment: 'node',
    testTimeout: 20_000,
    // One file at a time: tests that measure how a bystander fares must not fight the others for two cores.
    fileParallelism: false,
    expect: { poll: { timeout: 5_000 } },
    sequence: { sequencer: LongestFirst },
    projects: [
      computingProject('protocol', 'packages/protocol'),
      computingProject('core', 'packages/core'),
      computingProject('fault-proxy', 'packages/fault-proxy'),
      computingProject('transport-conformance', 'packages/transport-conformance'),
      computingProject('signaling-conformance', 'packages/signaling-conformance'),
      computingProject('engine-conformance', 'packages/engine-conformance'),
      waitingProject('engine-redis', 'packages/engine-redis'),
      ...transports,
      computingProject('lines', 'packages/lines'),
      project('example-mesh-on-mqtt', 'examples/mesh-on-mqtt'),
      computingProject('room', 'packages/room', 'forks'),
      waitingProject('server-package', 'packages/server'),
      computingProject('react', 'packages/react', 'forks'),
      react18,
      computingProject('web', 'apps/web'),
      project('server', 'apps/server', ['test/reliability/**', ...unhurried]),
      {
        extends: true as const,
        test: {
          name: 'server that waits',
          root: 'apps/server',
          include: unhurried,
          ...waiting,
        },
      },
      ...usualLines.flatMap(reliabilityOver),
      computingProject('repository', 'scripts'),
    ],
    reporters: ['default', ['json', { outputFile: process.env.TEST_REPORT ?? 'reports/vitest.json' }]],
  },
})
