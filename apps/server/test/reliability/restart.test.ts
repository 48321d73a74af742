import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { connectClient, Member, usualLine } from '../support/rig.ts'
import { ServerProcess } from '../support/server-process.ts'

const ROOM_SIZE = 4
const server = new ServerProcess()
const members: Member[] = []

afterEach(async () => {
  for (const { client } of members.splice(0)) client.close()
  await server.kill()
})

test('[R12] clients come back after SIGKILL, 95 of 100 within 3 s, and nobody sees anyone leave', async () => {
  // All clients share this process, and clients of other lines cost much more than the server does.
  const count = usualLine === 'websocket' ? 1_000 : 100
  const port = await server.start(0)
  for (let i = 0; i < count; i += 1) {
    members.push(new Member(connectClient(port), `room-${Math.floor(i / ROOM_SIZE)}`, `M${i}`))
    if (i % 50 === 49) await sleep(0)
  }
  // The new server's welcome. The join follows right behind the hello, so a welcomed client is in its room.
  const welcomedAnew = ({ channel }: Member) =>
    new Promise<number>((resolve) => {
      channel.onEvent(({ type }) => type === 'discontinuity' && resolve(performance.now()))
    })
  const complete = (member: Member) =>
    member.when(
      (roster) =>
        member.client.getSnapshot().status === 'online' &&
        roster.status === 'joined' &&
        roster.peers.length === ROOM_SIZE - 1 &&
        roster.peers.every(({ state }) => state === 'here'),
    )
  await Promise.all(members.map(complete))
  // Waits for steady lines: a client whose line is new backs off longer.
  await sleep(5_500)
  const before = members.map((member) => member.sees)

  const back = Promise.all(members.map(welcomedAnew))
  await server.kill()
  await sleep(1_000)
  await server.start(port)
  const from = performance.now()
  const times = (await back).map((at) => at - from).toSorted((a, b) => a - b)
  const p95 = times[Math.floor(count * 0.95)] ?? Infinity
  console.log(`[R12] back after a restart: p50 ${times[count / 2]?.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`)
  expect(p95).toBeLessThanOrEqual(3_000)
  await Promise.all(members.map(complete))
  expect(members.map((member) => member.sees)).toEqual(before)
  for (const member of members) {
    expect([member.count('peer_removed'), member.count('discontinuity')]).toEqual([0, 1])
    expect(member.count('peer_joined')).toBe(ROOM_SIZE - 1)
  }
}, 120_000)
