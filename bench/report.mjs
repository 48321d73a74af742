import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { arch, cpus, platform } from 'node:os'

const digits = (value) => value.toFixed(value < 100 ? 1 : 0)

/** @param {ReturnType<typeof import('./statistics.mjs').summarize>} rows */
function table(rows, unit, yardstick) {
  const lines = rows.map(
    ({ name, median, low, high, ratio }) =>
      `| ${name} | ${digits(median)} | ${digits(low)}–${digits(high)} | **${ratio.toFixed(2)}×** |`,
  )
  return [`| | median, ${unit} | spread | to ${yardstick} |`, '| --- | ---: | ---: | ---: |', ...lines].join('\n')
}

function profileTable(profile) {
  const names = [...profile.keys()]
  const places = [...(profile.get(names[0]) ?? new Map()).keys()]
  const rows = places.map(
    (place) => `| ${place} | ${names.map((name) => digits(profile.get(name).get(place))).join(' | ')} |`,
  )
  return [`| | ${names.join(' | ')} |`, `| --- |${' ---: |'.repeat(names.length)}`, ...rows].join('\n')
}

const machine = `${cpus().length} cores, ${platform()} ${arch()}, Node ${process.version}`
const placed = (pinned) => (pinned ? 'the server on one core, the load on the other' : 'cores not pinned')

function sectionsOf(measured) {
  return measured
    .map(
      ({ title, unit, target, rows, yardstick }) =>
        `## ${title}\n\n${target === undefined ? '' : `Goal: ${target}.\n\n`}${table(rows, unit, yardstick)}`,
    )
    .join('\n\n')
}

function write(page, text) {
  writeFileSync(page, text)
  spawnSync('pnpm', ['exec', 'oxfmt', page.pathname], { stdio: 'inherit' })
}

/** Writes docs/benchmarks-lines.md from the measurements. */
export function writeLines(measured, { rounds, pinned }) {
  write(
    new URL('../docs/benchmarks-lines.md', import.meta.url),
    `# The lines side by side

Written by \`pnpm bench lines\`; do not edit. The same server over each of its lines, taking turns within one run; a ratio is the median of the ratios of each round. ${machine}; ${rounds} rounds; ${placed(pinned)}; no TLS, loopback. The yardstick of the first two tables is the [naive relay](../bench/servers/naive.mjs) on \`ws\`; see [benchmarks.md](benchmarks.md).

${sectionsOf(measured)}

The line affects a join only up to the answer; ICE and DTLS then take the same time on every line.
`,
  )
}

/** Writes docs/benchmarks-join.md from the measurements. */
export function writeJoin(measured, { rounds }) {
  write(
    new URL('../docs/benchmarks-join.md', import.meta.url),
    `# From joining a room to the first words

Written by \`pnpm bench join\`; do not edit. Tabs of one Chromium on loopback: others wait in a room; one joins and says something to each of them, and each answers. The time runs from dialing to the last answer; the code is loaded already. Contenders take turns within each round, and a ratio is the median of the ratios of each round. ${machine}; ${rounds} rounds.

The floor is a bare \`RTCPeerConnection\` with one data channel over a [relay of a few lines](../bench/servers/naive.mjs); simple-peer uses the same relay. PeerJS must know the others' ids beforehand. trystero uses a Mosquitto broker and keeps its connection to it from room to room, so its time has no dialing in it; those to its peers are made anew.

${sectionsOf(measured)}
`,
  )
}

/** Writes docs/benchmarks-nodes.md from the measurements. */
export function writeNodes(measured, { rounds, pinned, redis }) {
  write(
    new URL('../docs/benchmarks-nodes.md', import.meta.url),
    `# Several servers on one Redis

Written by \`pnpm bench nodes\`; do not edit. Deployments of two servers that share a Redis take turns within one run, and a ratio is the median of the ratios of each round. Processor time is that of both servers, Redis apart. ${machine}; ${rounds} rounds; ${placed(pinned)}; no TLS, loopback. Members of a room take turns between the two servers, so every message crosses. Before anything is timed, marked messages must arrive complete, once, and only at the right member. How it works: [scaling.md](scaling.md).

${sectionsOf(measured)}

## What Redis has to do

A session that joins a room costs ${redis.perJoin.toFixed(2)} commands to Redis, renewals of the lease included; goal: at most 3. A script takes Redis ${digits(redis.scriptMicros)} µs, and an entry for another server, which carries many messages at once when there are many, ${digits(redis.postMicros)} µs to write and to read; both without the sockets.

A join asks Redis twice, one after the other: whether the peer is at home at another server, then for the seat. Each question is a command that is written, an answer that is read and a turn of the event loop, and the welcome and the roster leave in two writes instead of one. To send the commands of one turn in one write made no difference in a trial.
`,
  )
}

/** Writes docs/benchmarks.md from the measurements. */
export function writeReport(measured, profile, { rounds, pinned }) {
  write(
    new URL('../docs/benchmarks.md', import.meta.url),
    `# Benchmarks

Written by \`pnpm bench\`; do not edit. Servers take turns within one run, and a ratio is the median of the ratios of each round: machines are noisy, so only results of the same run can be compared. ${machine}; ${rounds} rounds; ${placed(pinned)}; no TLS, no compression, loopback.

The yardstick is a [naive relay](../bench/servers/naive.mjs) on \`ws\`: parse, look up, stringify, send; no limits, no replay, no heartbeat. Patchbay runs with counting, replay buffers, heartbeats, validation and limits on; only the rate limits are set too high to be reached, and rooms hold a hundred members. Socket.IO uses one of its rooms per room; \`peer\` is the server of PeerJS, which has no rooms. Before anything is timed, marked messages must arrive complete, once, and only at the right member.

${sectionsOf(measured)}

## Where the time of a join is spent

CPU microseconds of a join into a room of 4, by part of the code, from a profile of each server (a profiled server is slower, and these two ran one after the other).

${profileTable(profile)}

A join pays once for work that the naive relay does not do: it verifies the secret and the address, opens a resumable session with a replay buffer, heartbeat and limits, and answers two messages instead of one. The connection itself (accepting it, the HTTP upgrade, system calls) costs both servers the same and is most of it. What is kept of each session is what the garbage collector copies.

## One message at a time

When each connection has one message under way, nothing can be put together: each message is one read and one write, and these system calls are a good third of what it costs either server. Much of the rest is garbage collection: Patchbay keeps each message until its receiver has acknowledged it, so the collector copies it twice, while the naive relay's is gone at once. A server that kept none was a tenth cheaper in a trial. So was one with 32 MB of room for young objects instead of 4 (\`--max-semi-space-size\`), but with 16 MB already an idle session took 14 KiB instead of 9.6.

In six runs of this load on a busy machine a message cost 0.84 to 1.04 times what it costs the naive relay, and 1.35 times in one on an overloaded machine; the goal is at most 0.68. Bursts hardly form on a busy machine: an offer of 2.6 KB costs 0.91 to 0.99 times as much there.
`,
  )
}
