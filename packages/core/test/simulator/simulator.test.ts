import { beforeAll, describe, expect, test } from 'vitest'
import { createFileHash } from '../../src/files/file-hash.ts'
import {
  brokenPaths,
  createSchedule,
  hostedNodes,
  manyNodes,
  oneLine,
  type Scenery,
  type Step,
  threeLines,
} from './schedule.ts'
import { Simulation } from './simulation.ts'

/** Number of schedules; set with `SIM_RUNS`. */
const RUNS = Number(process.env.SIM_RUNS ?? 1_000)
/** Variables that replay a single schedule. */
const replays = { SIM_SEED: brokenPaths, SIM_NODES_SEED: manyNodes, SIM_HOST_SEED: hostedNodes }
const isReplay = Object.keys(replays).some((name) => process.env[name] !== undefined)
/** Share of the seeds for this process: `2/3` is every third seed, starting at the second. */
const [SHARD = 1, SHARDS = 1] = (process.env.SIM_SHARD ?? '1/1').split('/').map(Number)
/** Seeds that once failed. */
const kept: readonly (readonly [number, Scenery])[] = [
  ...[27, 36, 450, 894, 1711, 5971].map((seed) => [seed, oneLine] as const),
  ...[476].map((seed) => [seed, threeLines] as const),
  ...[116, 3847].map((seed) => [seed, brokenPaths] as const),
]

/** Those of several servers. */
const keptNodes = [24, 149, 271, 295, 809, 1602, 2634]

/** Those of several servers and a host. */
const keptHosted = [344, 1495, 2846, 3113]

type Problems = (steps: readonly Step[]) => Promise<string[]>

/** Removes steps as long as the rest still fails. */
async function shrink(problemsOf: Problems, steps: readonly Step[]): Promise<readonly Step[]> {
  for (let at = steps.length - 1; at >= 0; at -= 1) {
    const fewer = steps.toSpliced(at, 1)
    if ((await problemsOf(fewer)).length > 0) return shrink(problemsOf, fewer)
  }
  return steps
}

async function check(seed: number, scenery: Scenery): Promise<void> {
  const problemsOf: Problems = (steps) => new Simulation(seed, scenery).run(steps)
  const steps = createSchedule(seed, scenery)
  if ((await problemsOf(steps)).length === 0) return
  // A mutant only needs to be detected, so its schedule is not reduced.
  const fewest = process.env.MUTANT === undefined ? await shrink(problemsOf, steps) : steps
  const problems = await problemsOf(fewest)
  const schedule = fewest.map(({ at, what, who }) => `  ${String(at).padStart(6)} ms  ${what} ${who}`)
  const [variable] = Object.entries(replays).find(([, one]) => one === scenery) ?? ['SIM_SEED']
  throw new Error(`seed ${seed}: ${problems.join('; ')}\n${schedule.join('\n')}\n${variable}=${seed} replays it.`)
}

/** Checks the seeds of this process, up to `count`. @returns how many. */
async function checkAll(count: number, scenery: Scenery): Promise<number> {
  let checked = 0
  for (let seed = SHARD; seed <= count; seed += SHARDS) {
    await check(seed, scenery)
    checked += 1
  }
  return checked
}

// Loads the hash code in advance: the virtual clock does not wait for imports.
beforeAll(async () => void (await createFileHash()))

describe('simulator', () => {
  for (const [variable, scenery] of Object.entries(replays)) {
    const seed = process.env[variable]
    test.runIf(seed !== undefined)(`replays one seed of ${variable}`, async () => {
      await check(Number(seed), scenery)
    })
  }

  test.skipIf(isReplay)(
    `comes right after each of ${RUNS / 4} schedules with three servers`,
    async () => {
      for (const seed of keptNodes) await check(seed, manyNodes)
      expect(await checkAll(RUNS / 4, manyNodes)).toBeGreaterThan(0)
    },
    600_000,
  )

  test.skipIf(isReplay)(
    `comes right after each of ${RUNS / 8} schedules with three servers and a host`,
    async () => {
      for (const seed of keptHosted) await check(seed, hostedNodes)
      expect(await checkAll(RUNS / 8, hostedNodes)).toBeGreaterThan(0)
    },
    600_000,
  )

  test.skipIf(isReplay)(
    `comes right after each of ${RUNS} schedules${SHARDS > 1 ? `, share ${SHARD} of ${SHARDS}` : ''}`,
    async () => {
      for (const [seed, scenery] of kept) await check(seed, scenery)
      expect(await checkAll(RUNS, brokenPaths)).toBeGreaterThan(0)
    },
    600_000,
  )
})
