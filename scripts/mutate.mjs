// Changes the sources in every small way there is, runs the tests against each change, and fails where too few are
// noticed: `pnpm mutate`, or some areas: `pnpm mutate session hub`. What is unchanged since the last time is not run again.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Stryker } from '@stryker-mutator/core'
import { areas } from './mutation-areas.mjs'

const wanted = process.argv.slice(2)
for (const name of wanted)
  if (areas[name] === undefined) throw new RangeError(`Areas are: ${Object.keys(areas).join(', ')}.`)

/** @param {Awaited<ReturnType<Stryker['runMutationTest']>>} mutants */
function scoreOf(mutants) {
  const of = (/** @type {string[]} */ ...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length
  const caught = of('Killed', 'Timeout')
  const missed = of('Survived', 'NoCoverage')
  return { caught, missed, percent: caught + missed === 0 ? 100 : (100 * caught) / (caught + missed) }
}

const line = (/** @type {string} */ name, /** @type {ReturnType<typeof scoreOf>} */ { caught, missed, percent }) =>
  `${percent.toFixed(1).padStart(5)} %  ${String(caught).padStart(4)} of ${String(caught + missed).padStart(4)}  ${name}`

/** What a module does when it is loaded is covered by no one test, so Stryker would not notice that there is a new one. */
function forgetStatic(/** @type {string} */ path) {
  if (!existsSync(path)) return
  const report = JSON.parse(readFileSync(path, 'utf8'))
  for (const file of Object.values(report.files))
    file.mutants = file.mutants.filter(({ status, static: isStatic }) => !(isStatic && status === 'Survived'))
  writeFileSync(path, JSON.stringify(report))
}

async function run(/** @type {string} */ name) {
  process.env.MUTATION_AREA = name
  forgetStatic(`reports/mutation/${name}.incremental.json`)
  const began = performance.now()
  const mutants = await new Stryker({ configFile: 'stryker.config.mjs' }).runMutationTest()
  const { floor } = areas[name]
  const score = scoreOf(mutants)
  const files = [...new Set(mutants.map(({ fileName }) => fileName))].toSorted()
  console.log(`\n${line(`${name}, in ${Math.round((performance.now() - began) / 1_000)} s; floor ${floor} %`, score)}`)
  for (const file of files)
    console.log(line(`  ${relative('', file)}`, scoreOf(mutants.filter(({ fileName }) => fileName === file))))
  return score.percent >= floor
}

// Stryker's configuration is a module, and so read once in a process: each area has one of its own.
if (wanted.length === 1) process.exitCode = (await run(wanted[0])) ? 0 : 1
else
  for (const name of wanted.length > 0 ? wanted : Object.keys(areas)) {
    const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), name], { stdio: 'inherit' })
    if (status !== 0) process.exitCode = 1
  }
