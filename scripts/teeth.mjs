// Introduces deliberate defects one at a time and runs the tests that must notice them: `pnpm teeth`, or `pnpm teeth chat`.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { mutants } from './mutants.mjs'

const REPORT = 'reports/teeth.json'
const wanted = process.argv[2] ?? ''
const chosen = mutants.filter(({ name, file }) => `${file} ${name}`.includes(wanted))

/**
 * Runs tests, on the sources as they are or with a defect in them.
 * @param {string} project
 * @param {string} tests filters, separated by spaces.
 * @param {string} [mutant]
 */
function run(project, tests, mutant) {
  rmSync(REPORT, { force: true })
  const env = {
    ...process.env,
    ...(mutant && { MUTANT: mutant }),
    SIM_RUNS: process.env.SIM_RUNS ?? '600',
    TEST_REPORT: REPORT,
  }
  const args = ['exec', 'vitest', 'run', '--project', project, ...tests.split(' ')]
  const { stdout, stderr } = spawnSync('pnpm', args, { env, encoding: 'utf8', timeout: 180_000 })
  /** @type {{ testResults: { name: string, assertionResults: { fullName: string, status: string }[] }[] } | undefined} */
  let report
  try {
    report = JSON.parse(readFileSync(REPORT, 'utf8'))
  } catch {
    // It did not get as far as tests, or not to their end.
  }
  const results = report?.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({ title: `${name} ${fullName}`, status })),
  )
  const of = (/** @type {string} */ status) =>
    new Set((results ?? []).filter((one) => one.status === status).map(({ title }) => title))
  return { passed: of('passed'), failed: of('failed'), output: `${stdout}${stderr}` }
}

/** Tests that pass without a defect, by project and filters: a test that fails anyway notices nothing. */
const sound = new Map()
for (const { project = 'core', tests } of chosen) {
  const key = `${project}: ${tests}`
  if (sound.has(key)) continue
  const { passed, failed, output } = run(project, tests)
  sound.set(key, passed)
  if (failed.size > 0) console.log(`Without a defect, these fail:\n  ${[...failed].join('\n  ')}`)
  if (passed.size === 0) throw new Error(`No test passes without a defect: ${key}\n${output.slice(-2_000)}`)
}

const survivors = []
for (const { name, project = 'core', tests } of chosen) {
  const { failed, output } = run(project, tests, name)
  // A broken build must fail tests that pass otherwise, not merely fail to load.
  const isCaught = [...failed].some((title) => sound.get(`${project}: ${tests}`).has(title))
  console.log(`${isCaught ? 'caught  ' : 'SURVIVED'}  ${name}`)
  if (isCaught) continue
  survivors.push(name)
  if (failed.size === 0) console.log(output.slice(-1_000))
}
console.log(`\n${chosen.length - survivors.length} caught, ${survivors.length} survived`)
process.exitCode = survivors.length === 0 ? 0 : 1
