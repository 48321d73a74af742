import { startRedis } from '@patchbay/test-servers'
import { measureJoins } from './joins.mjs'
import { measureRelay } from './relay.mjs'
import { across, inside } from './targets/nodes.mjs'

const KINDS = ['offer', 'candidate']
const JOINS = 400

/** Commands that servers have sent, without those that their scripts call, and the microseconds that Redis took for each. */
function commandsOf(redis) {
  const statistics = redis.command('INFO', 'commandstats')
  const of = (name) => {
    const [, calls = 0, micros = 0] = new RegExp(`cmdstat_${name}:calls=(\\d+),usec=(\\d+)`).exec(statistics) ?? []
    return { calls: Number(calls), micros: Number(micros) }
  }
  return { script: of('evalsha'), post: of('xadd'), read: of('xread') }
}

/**
 * Two servers on a Redis beside those of Socket.IO on another, and one server with and without a Redis.
 * @returns what Redis had to do: commands for each session that joins a room, and microseconds for each command.
 */
export async function measureNodes({ rounds, measure }) {
  const [redis, theirs] = [await startRedis(), await startRedis()]
  try {
    const far = await measureRelay(across(redis.url, theirs.url), { rounds, windowMs: 1_500, kinds: KINDS })
    for (const [yardstick, goal, compared] of [
      ['Socket.IO, Redis pub/sub', 'at most 0.8×', ''],
      ['Socket.IO, Redis streams', 'at most 0.6×', ', compared with Redis streams'],
    ]) {
      measure(`Relaying an offer of 2.6 KB to the other server${compared}`, far.offer, goal, yardstick)
      measure(`Relaying a candidate of 300 bytes to the other server${compared}`, far.candidate, goal, yardstick)
    }
    const near = await measureRelay(inside(redis.url), { rounds, windowMs: 1_500, kinds: KINDS })
    measure('Relaying an offer inside a server', near.offer, 'at most 1.05×', 'alone')
    measure('Relaying a candidate inside a server', near.candidate, 'at most 1.05×', 'alone')
    measure('Joining a room of 4', await measureJoins(inside(redis.url), { rounds, size: 4 }), 'at most 1.5×', 'alone')

    const [, withRedis] = inside(redis.url)
    const server = await withRedis.start(withRedis.server)
    const before = commandsOf(redis)
    const handlers = { notice: () => {}, message: () => {} }
    for (let i = 0; i < JOINS; i += 1) await withRedis.connect(server.port, `count-${i >> 2}`, handlers)
    const after = commandsOf(redis)
    await server.stop()
    const sum = ({ script, post }) => script.calls + post.calls
    const each = ({ calls, micros }) => micros / calls
    return {
      perJoin: (sum(after) - sum(before)) / JOINS,
      scriptMicros: each(after.script),
      postMicros: each(after.post) + each(after.read),
    }
  } finally {
    await Promise.all([redis.stop(), theirs.stop()])
  }
}
