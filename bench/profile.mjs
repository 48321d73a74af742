import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fill } from './joins.mjs'
import { startServer } from './server-process.mjs'

const ROUNDS = 6
const JOINS = 1_200

/** Categories of CPU time, by the location of the function; the first match counts. */
const places = [
  ['garbage collection', ({ functionName }) => functionName === '(garbage collector)'],
  ['checking and writing messages', ({ url }) => /protocol\/dist|valibot/.test(url)],
  [
    'sessions, rooms, limits',
    ({ url }) => /core\/dist|server\/dist|transport-websocket\/dist|servers\/naive/.test(url),
  ],
  ['WebSocket (ws)', ({ url }) => /node_modules\/ws\//.test(url)],
  ['hashing and randomness', ({ url }) => /internal\/crypto/.test(url)],
  ['HTTP, sockets, system calls', () => true],
]

/**
 * Profiles joins into rooms of 4, each round on fresh connections.
 * @returns {Promise<Map<string, Map<string, number>>>} microseconds for each join, by target and place.
 */
export async function profileJoins(targets) {
  const results = new Map()
  for (const target of targets) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'))
    const nodeArgs = [...(target.server.nodeArgs ?? []), '--cpu-prof', `--cpu-prof-dir=${folder}`]
    const server = await startServer({ ...target.server, nodeArgs })
    for (let round = 0; round < ROUNDS; round += 1) await fill(target, server.port, JOINS, 4, round)
    await server.stop()
    const [file = ''] = readdirSync(folder)
    results.set(target.name, byPlace(JSON.parse(readFileSync(join(folder, file), 'utf8'))))
    rmSync(folder, { recursive: true })
  }
  return results
}

/** The first half is a warm-up; only the second half counts. */
function byPlace({ nodes, samples, timeDeltas }) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const sums = new Map(places.map(([name]) => [name, 0]))
  for (let i = Math.floor(samples.length / 2); i < samples.length; i += 1) {
    const frame = frames.get(samples[i])
    if (frame.functionName === '(idle)') continue
    const [name] = places.find(([, fits]) => fits(frame))
    sums.set(name, sums.get(name) + timeDeltas[i])
  }
  for (const [name, micros] of sums) sums.set(name, micros / ((ROUNDS * JOINS) / 2))
  return sums
}
