import { startServer } from './server-process.mjs'

const AT_ONCE = 20
const WARM_UP = 3

/** Connects `count` clients into rooms of `size` and waits until every member knows every other. */
export async function fill(target, port, count, size, round) {
  const expected = ((count / size) * size * (size - 1)) / 2
  const peers = []
  let notices = 0
  let told = () => {}
  const everyoneTold = new Promise((resolve) => {
    told = resolve
  })
  const handlers = {
    message: () => {},
    notice() {
      notices += 1
      if (notices === expected) told()
    },
  }
  for (let i = 0; i < count; i += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - i) }, (_, j) =>
      target.connect(port, `round-${round}-${Math.floor((i + j) / size)}`, handlers),
    )
    peers.push(...(await Promise.all(batch)))
  }
  await everyoneTold
  return peers
}

/**
 * CPU time of a join, including the connection and notices.
 * @returns {Promise<Map<string, number[]>>} CPU microseconds for each join, by target and round.
 */
export async function measureJoins(targets, { rounds, size }) {
  const count = 1_200
  const servers = []
  for (const target of targets) servers.push({ target, server: await (target.start ?? startServer)(target.server) })
  const results = new Map(targets.map(({ name }) => [name, []]))
  for (let round = -WARM_UP; round < rounds; round += 1) {
    for (const { target, server } of servers) {
      const before = await server.usage()
      const peers = await fill(target, server.port, count, size, round)
      const after = await server.usage()
      // The first rounds warm the server up.
      if (round >= 0) results.get(target.name).push((after.cpuMicros - before.cpuMicros) / count)
      for (const peer of peers) peer.close()
      await settled(server)
    }
  }
  for (const { server } of servers) await server.stop()
  return results
}

/** Waits until the server is idle. */
export async function settled(server) {
  for (let quiet = 0, last = await server.usage(); quiet < 3;) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    const now = await server.usage()
    quiet = now.cpuMicros - last.cpuMicros < 100_000 ? quiet + 1 : 0
    last = now
  }
}
