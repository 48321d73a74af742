// Runs the reliability tests with full counts: `pnpm nightly`. Takes hours.
import { spawnSync } from 'node:child_process'

const env = {
  ...process.env,
  NIGHTLY: '1',
  E2E_EVERY_LINE: '1',
  SIM_RUNS: process.env.SIM_RUNS ?? '10000',
  FUZZ_SEED: process.env.FUZZ_SEED ?? String(Date.now() % 1_000_000),
}
console.log(`FUZZ_SEED=${env.FUZZ_SEED}`)
const runs = [
  ['exec', 'turbo', 'run', 'build', '--output-logs=errors-only'],
  ['exec', 'vitest', 'run'],
  ['--dir', 'e2e', 'exec', 'playwright', 'test', '--repeat-each=5'],
  ['nat'],
  ['exec', 'node', 'scripts/without.mjs'],
  ['teeth'],
  ['mutate'],
]
const failed = runs.filter((args) => spawnSync('pnpm', args, { env, stdio: 'inherit' }).status !== 0)
console.log(`${runs.length - failed.length} passed, ${failed.length} failed`)
process.exitCode = failed.length === 0 ? 0 : 1
