import { areas } from './scripts/mutation-areas.mjs'

const name = process.env.MUTATION_AREA ?? 'protocol'
const area = areas[name]
if (area === undefined) throw new Error('MUTATION_AREA names no area of scripts/mutation-areas.mjs.')

export default {
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts' },
  plugins: ['@stryker-mutator/vitest-runner', './scripts/mutation-ignore.mjs'],
  ignorers: ['for-people'],
  mutate: [...area.mutate],
  coverageAnalysis: 'perTest',
  // Schemas and tables are made when a module is loaded: in protocol they are the contract itself.
  ignoreStatic: false,
  concurrency: Number(process.env.MUTATION_WORKERS ?? 1),
  incremental: true,
  incrementalFile: `reports/mutation/${name}.incremental.json`,
  jsonReporter: { fileName: `reports/mutation/${name}.json` },
  htmlReporter: { fileName: `reports/mutation/${name}.html` },
  reporters: ['json', 'html', process.stdout.isTTY ? 'progress' : 'progress-append-only'],
  // Its rewriting of references asks for an API that TypeScript 7 has no more; tests read no tsconfig.
  tsconfigFile: 'none.json',
  disableTypeChecks: false,
  tempDirName: 'reports/mutation/sandbox',
  ignorePatterns: [
    'apps',
    'bench',
    'e2e',
    'examples',
    'reports',
    '**/dist',
    '**/.tsbuild',
    '.ci',
    '.turbo',
    'docs/images',
  ],
  logLevel: 'warn',
}
