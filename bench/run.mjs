// Compares the server with the alternatives, in one run: `pnpm bench`. Writes docs/benchmarks.md.
// `pnpm bench relay` (or join4, join100, idle, profile) measures one thing and writes nothing; `pnpm bench lines` compares
// the server's own lines and writes docs/benchmarks-lines.md; `pnpm bench join` compares whole clients in browser tabs and
// writes docs/benchmarks-join.md; `pnpm bench nodes` compares two servers on a Redis with those of Socket.IO and writes
// docs/benchmarks-nodes.md; `pnpm bench files` sends FILE_MIB mebibytes between two tabs; `pnpm bench paint` opens pages on
// a slow phone.
import { measureFiles } from './files.mjs'
import { measureFirstPaint } from './first-paint.mjs'
import { measureIdle } from './idle.mjs'
import { measureJoins } from './joins.mjs'
import { measureJoin } from './join.mjs'
import { measureJoinTime } from './join-time.mjs'
import { measureNodes } from './nodes.mjs'
import { measureRelay } from './relay.mjs'
import { profileJoins } from './profile.mjs'
import { writeJoin, writeLines, writeNodes, writeReport } from './report.mjs'
import { pinned } from './server-process.mjs'
import { quantile, summarize } from './statistics.mjs'
import { lineTargets } from './targets/lines.mjs'
import * as naive from './targets/naive.mjs'
import * as patchbay from './targets/patchbay.mjs'
import * as peerjs from './targets/peerjs.mjs'
import * as socketio from './targets/socketio.mjs'

const targets = [patchbay, naive, peerjs, socketio]
const withRooms = targets.filter(({ hasRooms }) => hasRooms)
const only = process.argv[2]
const rounds = Number(process.env.BENCH_ROUNDS ?? 9)
const wanted = (name) => only === undefined || only === name

const measured = []
const lines = []
const add = (title, unit, results, target, yardstick = naive.name, page = measured) => {
  const rows = summarize(results, yardstick)
  page.push({ title, unit, target, rows, yardstick })
  console.log(`\n${title} (${unit})`)
  for (const { name, median, low, high, ratio } of rows) {
    console.log(
      `  ${name.padEnd(20)} ${median.toFixed(1).padStart(8)} [${low.toFixed(1)}-${high.toFixed(1)}]  ${ratio.toFixed(2)}x`,
    )
  }
}

if (wanted('relay')) {
  const relay = await measureRelay(targets, { rounds, windowMs: 1_500 })
  add('Relaying an offer of 2.6 KB', 'CPU µs', relay.offer, 'at most 0.75×')
  add('Relaying a candidate of 300 bytes', 'CPU µs', relay.candidate, 'at most 0.9×')
  add('Relaying an offer of 2.6 KB, one at a time on each connection', 'CPU µs', relay.single, 'at most 0.68×')
  add('Latency of an offer at 2 000 a second', 'median µs', relay.latency, 'at most 1.0×')
}
if (wanted('join4')) {
  add('Joining a room of 4', 'CPU µs', await measureJoins(withRooms, { rounds, size: 4 }), 'at most 1.1×')
}
if (wanted('join100')) {
  add('Joining a room of 100', 'CPU µs', await measureJoins(withRooms, { rounds, size: 100 }), 'at most 0.8×')
}
if (wanted('idle')) {
  const idle = await measureIdle(withRooms, { rounds: Math.ceil(rounds / 3) })
  add('An idle session, of 5 000', 'KiB', idle, 'at most 10 KiB')
}
if (wanted('lines')) {
  const kinds = ['offer', 'candidate']
  const relay = await measureRelay([naive, ...lineTargets], { rounds, windowMs: 1_500, kinds })
  const goal = 'long-poll at most 2.2×, MQTT over TCP at most 0.75×, over WebSocket at most 1.2×'
  add('Relaying an offer of 2.6 KB', 'CPU µs', relay.offer, goal, naive.name, lines)
  add('Relaying a candidate of 300 bytes', 'CPU µs', relay.candidate, undefined, naive.name, lines)
  const { millis, bytes } = await measureJoinTime({ rounds: 3 * rounds })
  add('From dialing to the answer of someone in the room', 'ms', millis, undefined, 'WebSocket', lines)
  add('Bytes on the wire for a join, both ways', 'bytes', bytes, undefined, 'WebSocket', lines)
}
if (only === 'join') {
  const join = []
  for (const people of [2, 6]) {
    const title = people === 2 ? 'Someone joins one who is there' : `Someone joins ${people - 1} who are there`
    add(title, 'ms', await measureJoin({ rounds, people }), undefined, 'floor', join)
  }
  writeJoin(join, { rounds })
}
if (only === 'nodes') {
  const nodes = []
  const measure = (title, results, goal, yardstick) => add(title, 'CPU µs', results, goal, yardstick, nodes)
  const redis = await measureNodes({ rounds, measure })
  console.log('\nRedis:', redis)
  writeNodes(nodes, { rounds, pinned, redis })
}
if (only === 'files') {
  const bytes = Number(process.env.FILE_MIB ?? 256) * 1_048_576
  const { results, grownMib, twice, trips } = await measureFiles({ rounds: Math.ceil(rounds / 3), bytes })
  add('A file between two tabs', 'MiB/s', results, 'at least 0.9×', 'bare data channel')
  console.log(`  the receiver's heap grew by ${grownMib.toFixed(1)} MiB at the most, goal 64 MiB`)
  console.log(`  killed half-way, it sent ${(twice * 100).toFixed(2)} % twice, goal 1 %`)
  const [half, most] = [0.5, 0.99].map((part) => quantile(trips, part).toFixed())
  console.log(`  chat beside 20 files to 3 tabs: half within ${half} ms, 99 % within ${most} ms, goal 200 ms`)
}
if (only === 'paint') {
  const { first, lcp, usable } = await measureFirstPaint({ rounds: Math.ceil(rounds / 3) })
  const measure = (title, results, goal) => add(title, 'ms', results, goal, 'one heading')
  console.log('At 1.6 Mbit/s, with a round trip of 150 ms and a quarter of the processor:')
  measure('Something to read', first, 'at most 500 ms')
  measure('Largest contentful paint', lcp, 'at most 1 200 ms')
  measure('It can be used', usable)
}
const profile = wanted('profile') ? await profileJoins([patchbay, naive]) : new Map()
for (const [name, places] of profile) console.log(name, Object.fromEntries(places))
if (lines.length > 0) writeLines(lines, { rounds, pinned })
if (only === undefined) writeReport(measured, profile, { rounds, pinned })
process.exit()
