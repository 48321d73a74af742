import { fill, settled } from './joins.mjs'
import { startServer } from './server-process.mjs'

const SESSIONS = 5_000
const WARM_UP = 200

/**
 * Memory of an idle session, including its connection: growth of the resident set after garbage collection.
 * @returns {Promise<Map<string, number[]>>} KiB for each session, by target and round.
 */
export async function measureIdle(targets, { rounds }) {
  const results = new Map(targets.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const target of targets) {
      const server = await startServer(target.server)
      for (const peer of await fill(target, server.port, WARM_UP, 4, 'warm')) peer.close()
      await settled(server)
      const before = await server.usage('collect')
      const peers = await fill(target, server.port, SESSIONS, 4, round)
      await settled(server)
      const after = await server.usage('collect')
      results.get(target.name).push((after.rssBytes - before.rssBytes) / 1024 / SESSIONS)
      for (const peer of peers) peer.close()
      await server.stop()
    }
  }
  return results
}
