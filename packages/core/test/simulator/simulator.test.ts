import { beforeAll, describe, expect, test } from 'vitest'
import { createFileHash } from '../../src/files/file-hash.ts'
import { brokenPaths, createSchedule, manyNodes, oneLine, type Scenery, type Step, threeLines } from './schedule.ts'
import { Simulation } from './simulation.ts'

/** Number of schedules; set with `SIM_RUNS`. */
const RUNS = Number(process.env.SIM_RUNS ?? 1_000)
/** First seed; `SIM_SEED` replays a single schedule, `SIM_NODES_SEED` one with several servers. */
const SEED = process.env.SIM_SEED === undefined ? undefined : Number(process.env.SIM_SEED)
const NODES_SEED = process.env.SIM_NODES_SEED === undefined ? undefined : Number(process.env.SIM_NODES_SEED)
const isReplay = SEED !== undefined || NODES_SEED !== undefined
/** Share of the seeds for this process: `2/3` is every third seed, starting at the second. */
const [SHARD = 1, SHARDS = 1] = (process.env.SIM_SHARD ?? '1/1').split('/').map(Number)
/** Seeds that once failed. */
const kept: readonly (readonly [number, Scenery])[] = [
  ...[27, 36, 450, 894, 1711, 5971].map((seed) => [seed, oneLine] as const),
  ...[476].map((seed) => [seed, threeLines] as const),
  ...[116, 3847].map((seed) => [seed, brokenPaths] as const),
]

/** Those of several servers. */
const keptNodes = [24, 149, 295, 809, 1602, 2634]

type Problems = (steps: readonly Step[]) => Promise<string[]>

/** Removes steps as long as the rest still fails. */
async function shrink(problemsOf: Problems, steps: readonly Step[]): Promise<readonly Step[]> {
  for (let at = steps.length - 1; at >= 0; at -= 1) {
    const fewer = steps.toSpliced(at, 1)
    if ((await problemsOf(fewer)).length > 0) return shrink(problemsOf, fewer)
  }
  return steps
}

async function check(seed: number, scenery: Scenery = brokenPaths): Promise<void> {
  const problemsOf: Problems = (steps) => new Simulation(seed, scenery).run(steps)
  const steps = createSchedule(seed, scenery)
  if ((await problemsOf(steps)).length === 0) return
  // A mutant only needs to be detected, so its schedule is not reduced.
  const fewest = process.env.MUTANT === undefined ? await shrink(problemsOf, steps) : steps
  const problems = await problemsOf(fewest)
  const schedule = fewest.map(({ at, what, who }) => `  ${String(at).padStart(6)} ms  ${what} ${who}`)
  throw new Error(
    `seed ${seed}: ${problems.join('; ')}\n${schedule.join('\n')}\n${scenery.nodes === undefined ? 'SIM_SEED' : 'SIM_NODES_SEED'}=${seed} replays it.`,
  )
}

// Loads the hash code in advance: the virtual clock does not wait for imports.
beforeAll(async () => void (await createFileHash()))

describe('simulator', () => {
  test.runIf(SEED !== undefined)('replays one seed', async () => {
    await check(SEED ?? 0)
  })

  test.runIf(NODES_SEED !== undefined)('replays one seed of several servers', async () => {
    await check(NODES_SEED ?? 0, manyNodes)
  })

  test.skipIf(isReplay)(
    `comes right after each of ${RUNS / 4} schedules with three servers`,
    async () => {
      for (const seed of keptNodes) await check(seed, manyNodes)
      let checked = 0
      for (let seed = SHARD; seed <= RUNS / 4; seed += SHARDS) {
        await check(seed, manyNodes)
        checked += 1
      }
      expect(checked).toBeGreaterThan(0)
    },
    600_000,
  )

  test.skipIf(isReplay)(
    `comes right after each of ${RUNS} schedules${SHARDS > 1 ? `, share ${SHARD} of ${SHARDS}` : ''}`,
    async () => {
      for (const [seed, scenery] of kept) await check(seed, scenery)
      let checked = 0
      for (let seed = SHARD; seed <= RUNS; seed += SHARDS) {
        await check(seed)
        checked += 1
      }
      expect(checked).toBeGreaterThan(0)
    },
    600_000,
  )
})
