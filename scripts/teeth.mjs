// Mutation tests: fails if a build broken on purpose passes its tests. `pnpm teeth`, or a subset: `pnpm teeth chat`.
import { spawnSync } from 'node:child_process'
import { mutants } from './mutants.mjs'

const wanted = process.argv[2] ?? ''
const chosen = mutants.filter(({ name, file }) => `${file} ${name}`.includes(wanted))
const survivors = []
for (const { name, project = 'core', tests } of chosen) {
  const env = { ...process.env, MUTANT: name, SIM_RUNS: process.env.SIM_RUNS ?? '600' }
  const { status, stdout, stderr } = spawnSync(
    'pnpm',
    ['exec', 'vitest', 'run', '--project', project, ...tests.split(' ')],
    {
      env,
      encoding: 'utf8',
      timeout: 180_000,
    },
  )
  const output = `${stdout}${stderr}`
  // A broken build must fail tests, not merely fail to load.
  const caught = status !== 0 && /Tests .*failed/.test(output)
  console.log(`${caught ? 'caught  ' : 'SURVIVED'}  ${name}`)
  if (caught) continue
  survivors.push(name)
  if (status !== 0) console.log(output.slice(-2_000))
}
console.log(`\n${chosen.length - survivors.length} caught, ${survivors.length} survived`)
process.exitCode = survivors.length === 0 ? 0 : 1
