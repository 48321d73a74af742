// Runs the simulator in one process per core, each with its share of the seeds: `SIM_RUNS=10000 pnpm simulate`.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

const command = ['exec', 'vitest', 'run', '--project', 'core', '--reporter=default', 'simulator']

/**
 * @param {string} shard which share of the seeds, as `1/2`.
 * @returns {Promise<boolean>} whether every schedule passed.
 */
function run(shard) {
  const child = spawn('pnpm', command, {
    env: { ...process.env, SIM_SHARD: shard },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return new Promise((resolve) => {
    child.on('error', () => resolve(false))
    child.on('close', (status) => resolve(status === 0))
  })
}

const { SIM_SEED, SIM_NODES_SEED, SIM_HOST_SEED } = process.env
const shards = (SIM_SEED ?? SIM_NODES_SEED ?? SIM_HOST_SEED) === undefined ? availableParallelism() : 1
const results = await Promise.all(Array.from({ length: shards }, (_, i) => run(`${i + 1}/${shards}`)))
process.exitCode = results.every(Boolean) ? 0 : 1
