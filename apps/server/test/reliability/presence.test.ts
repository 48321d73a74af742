import { setTimeout as sleep } from 'node:timers/promises'
import type { SignalingClient } from '@patchbay/core/client'
import { Random } from '@patchbay/fault-proxy'
import { createPeerSecret, encode, type RoomId } from '@patchbay/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { RawClient } from '../support/raw-client.ts'
import { type Member, Rig, scaled, usualLine } from '../support/rig.ts'

let rig: Rig
afterEach(() => rig.close())

const start = async (environment?: Record<string, string>) => {
  rig = await Rig.start(environment)
  return rig
}
const present = (member: Member, id: string) => member.when(() => member.sees.includes(id))
const gone = (member: Member, id: string) => member.when(() => !member.sees.includes(id))
const isOnline = (client: SignalingClient) => client.getSnapshot().status === 'online'
/** Resolves with the time at which a client that is not online comes online, or the other way round. */
const turnsOnline = (client: SignalingClient, to: boolean) =>
  new Promise<number>((resolve) => {
    const stop = client.subscribe(() => {
      if (isOnline(client) !== to) return
      stop()
      resolve(performance.now())
    })
  })
const quantile = (values: readonly number[], q: number) =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * q) - 1)] ?? Infinity

describe('[R2] a gap is never silent: the roster is right within a second, and what was lost is told', () => {
  /** Disconnects a member, runs `meanwhile`, reconnects it. */
  const gap = async (environment: Record<string, string>, discontinuities: number, meanwhile: () => Promise<void>) => {
    await start({ MAX_PEERS_PER_ROOM: '100', ...environment })
    const network = await rig.proxy()
    const cut = await rig.enter('Cut', { port: network.port })
    const stayed = await rig.enter('Stayed')
    await present(cut, stayed.id)
    const offline = turnsOnline(cut.client, false)
    network.refuse(true)
    network.reset()
    await meanwhile()
    const came = await rig.enter('Came')
    const seen = (member: Member) => [...member.sees, member.id].toSorted()
    const everybody = [cut.id, stayed.id, came.id].toSorted()
    expect(seen(cut)).not.toEqual(everybody)
    // A line that is made of requests is not lost with the connection.
    await offline
    const online = turnsOnline(cut.client, true)
    const right = cut.when(() => isOnline(cut.client) && String(seen(cut)) === String(everybody))
    network.refuse(false)
    await expect
      .poll(() => {
        cut.client.retryNow()
        return isOnline(cut.client)
      })
      .toBe(true)
    expect((await right) - (await online)).toBeLessThanOrEqual(1_000)
    await expect.poll(() => [cut, stayed, came].map(seen)).toEqual([everybody, everybody, everybody])
    expect(cut.count('discontinuity')).toBe(discontinuities)
    expect(stayed.count('discontinuity')).toBe(0)
  }

  test(
    'after more changes than are kept, the whole roster comes instead and nothing is lost',
    () =>
      gap({ MAX_WAITING_MESSAGES: '128' }, 0, async () => {
        for (let i = 0; i < 70; i += 1) {
          const visitor = await rig.enter(`Visitor ${i}`)
          visitor.client.close()
        }
      }),
    60_000,
  )

  test(
    'after an outage longer than the window there is one discontinuity',
    () => gap({ RESUME_WINDOW_MS: String(scaled(7_000, 120_000)) }, 1, () => sleep(scaled(8_000, 121_000))),
    200_000,
  )
})

test('[R6] of two pages with a copied secret exactly one wins, and neither flaps', async () => {
  await start()
  const secret = createPeerSecret()
  const watcher = await rig.enter('Watcher')
  const pages = [await rig.enter('One', { secret }), await rig.enter('Two', { secret })]
  await sleep(scaled(3_000, 30_000))
  expect(pages.map(({ client }) => client.getSnapshot())).toEqual([
    { status: 'closed', code: 'superseded' },
    { status: 'online', line: usualLine },
  ])
  expect(rig.told('session_opened', pages[1]?.id)).toBe(2)
  expect(watcher.count('peer_joined')).toBe(2)
  expect(watcher.sees).toEqual([pages[1]?.id])
})

test('[R7] a hundred joins at once count as one and get the same answer', async () => {
  await start()
  const watcher = await rig.enter('Watcher', { room: 'r' })
  const raw = await RawClient.greet(rig.server.port)
  for (let i = 0; i < 100; i += 1) raw.shout(encode({ type: 'join', room: 'r' as RoomId, name: 'Raw' }))
  await expect.poll(() => raw.heard.filter(({ type }) => type === 'peers').length).toBe(100)
  const answers = new Set(raw.heard.filter(({ type }) => type === 'peers').map((answer) => JSON.stringify(answer)))
  expect(answers.size).toBe(1)
  await expect.poll(() => watcher.count('peer_joined')).toBe(1)
  for (let i = 0; i < 100; i += 1) raw.say({ type: 'leave', room: 'r' as RoomId })
  await gone(watcher, raw.id)
  raw.say({ type: 'join', room: 'r' as RoomId, name: 'Raw' })
  await present(watcher, raw.id)
  expect(watcher.count('peer_removed')).toBe(1)
  raw.socket.terminate()
})

test('[R8] a member that joins while others come and go has the same roster as the server', async () => {
  await start({ MAX_PEERS_PER_ROOM: '100' })
  const random = new Random(8)
  const crowd = Array.from({ length: scaled(40, 70) }, () => rig.connect())
  const inside = new Map<number, ReturnType<(typeof crowd)[number]['enter']>>()
  const move = () => {
    const at = random.int(0, crowd.length - 1)
    const channel = inside.get(at)
    channel?.leave()
    inside.delete(at)
    const client = crowd[at]
    if (channel === undefined && client !== undefined) {
      inside.set(at, client.enter({ room: 'room', name: `P${at}` }))
    }
  }
  for (let round = 0; round < scaled(3, 50); round += 1) {
    const observers: Member[] = []
    for (let i = 0; i < 20; i += 1) {
      for (let n = 0; n < 10; n += 1) move()
      observers.push(await rig.enter(`Observer ${i}`))
    }
    const expected = [
      ...[...inside.keys()].map((at) => crowd[at]?.self),
      ...observers.map((observer) => observer.id),
    ].toSorted()
    const seen = () => observers.map((observer) => [...observer.sees, observer.id].toSorted())
    await expect.poll(seen, { timeout: 5_000 }).toEqual(observers.map(() => expected))
    for (const observer of observers) observer.client.close()
  }
}, 120_000)

test('[R9] leaving is seen within 250 ms (p99)', async () => {
  await start()
  const watcher = await rig.enter('Watcher')
  const times: number[] = []
  for (let i = 0; i < scaled(100, 1_000); i += 1) {
    const leaver = await rig.enter(`Leaver ${i}`)
    const { id } = leaver
    await present(watcher, id)
    const from = performance.now()
    leaver.client.close()
    times.push((await gone(watcher, id)) - from)
  }
  expect(quantile(times, 0.99)).toBeLessThanOrEqual(250)
}, 120_000)

describe('[R10] a line gone silent', () => {
  test('is away within 6 s and removed within 8 s, and comes back as the same peer', async () => {
    await start()
    const network = await rig.proxy()
    const count = scaled(10, 200)
    const watchers = await Promise.all(Array.from({ length: count }, (_, i) => rig.enter('W', { room: `r${i}` })))
    const silent = await Promise.all(watchers.map((_, i) => rig.enter('Silent', { room: `r${i}`, port: network.port })))
    const ids = silent.map((member) => member.id)
    await Promise.all(watchers.map((watcher, i) => present(watcher, ids[i] ?? '')))
    const from = performance.now()
    network.freeze(true)
    const away = watchers.map((watcher) =>
      watcher.when((roster) => roster.status === 'joined' && roster.peers.some(({ state }) => state === 'away')),
    )
    const removed = watchers.map((watcher, i) => gone(watcher, ids[i] ?? ''))
    for (const at of await Promise.all(away)) expect(at - from).toBeLessThanOrEqual(6_000)
    for (const at of await Promise.all(removed)) expect(at - from).toBeLessThanOrEqual(8_000)
    network.freeze(false)
    network.reset()
    await Promise.all(watchers.map((watcher, i) => present(watcher, ids[i] ?? '')))
    for (const member of silent) expect(member.count('discontinuity')).toBe(0)
  }, 60_000)

  test('only briefly changes nothing for the others except its state', async () => {
    await start()
    const network = await rig.proxy()
    const watcher = await rig.enter('Watcher')
    const silent = await rig.enter('Silent', { port: network.port })
    await present(watcher, silent.id)
    network.freeze(true)
    await sleep(3_000)
    network.freeze(false)
    await sleep(1_000)
    expect(watcher.count('peer_removed')).toBe(0)
    expect(watcher.count('peer_joined')).toBe(1)
    expect(silent.client.getSnapshot().status).toBe('online')
    expect(rig.told('session_opened')).toBe(2)
  })
})
