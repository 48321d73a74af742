import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { areas } from './scripts/mutation-areas.mjs'

/** One area's tests in one project, from sources: Stryker starts the config in a copy of the repository. */
const area = areas[process.env.MUTATION_AREA ?? 'protocol']
if (area === undefined) throw new Error('MUTATION_AREA names no area of scripts/mutation-areas.mjs.')

const conditions = ['@patchbay/source', 'module', 'node', 'development|production']

export default defineConfig({
  // Not by way of `node_modules`, which leads out of the copy.
  resolve: { conditions, alias: [{ find: /^@patchbay\/([\w-]+)$/, replacement: resolve('packages/$1/src/index.ts') }] },
  ssr: { resolve: { conditions } },
  test: {
    environment: 'node',
    include: [...area.tests],
    fileParallelism: false,
    isolate: false,
    // A mutant that makes a test wait for ever is found soon; what tests poll for is looked at often.
    testTimeout: 3_000,
    expect: { poll: { interval: 5 } },
    // The simulator neither runs long nor shrinks what fails: it need only be noticed.
    env: { SIM_RUNS: '30', MUTANT: 'stryker' },
  },
})
