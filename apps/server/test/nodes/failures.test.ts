import { setTimeout as sleep } from 'node:timers/promises'
import { createHostKey, createPeerSecret, type PeerSecret, type RoomId } from '@patchbay/protocol'
import { expect, type onTestFinished, test as sequential, vi } from 'vitest'
import { allSeeAll, Nodes } from '../support/nodes.ts'
import { RawClient } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import { type Member, scaled } from '../support/rig.ts'

vi.setConfig({ testTimeout: 120_000 })
// They mostly wait.
const test = sequential.concurrent

/** Two nodes, which end with the test. */
async function startNodes(finished: typeof onTestFinished): Promise<Nodes> {
  const nodes = await Nodes.start(2)
  finished(() => nodes.close())
  return nodes
}

/** Two members at each of two nodes, who see each other. */
async function meeting(finished: typeof onTestFinished) {
  const nodes = await startNodes(finished)
  const members = [
    await nodes.enter(0, 'Ada'),
    await nodes.enter(0, 'Bob'),
    await nodes.enter(1, 'Cyd'),
    await nodes.enter(1, 'Dee'),
  ] as const
  await until(() => allSeeAll(members))
  // From now on a node that is missing is known to be dead, and not only late.
  await sleep(4_000)
  return { nodes, members }
}

const removals = (members: readonly Member[]) => members.map((member) => member.count('peer_removed'))
const isHeard = (from: Member, to: Member, body: string) => {
  from.channel.send(to.id, { type: 'offer', body })
  return until(() => to.heard('offer').includes(body), 3_000)
}
/** What is sent while a node has no inbox, or none can be reached, is lost, as a mesh expects. */
const isHeardAgain = async (from: Member, to: Member) => {
  await until(() => {
    from.channel.send(to.id, { type: 'offer', body: 'again' })
    return to.heard('offer').includes('again')
  }, 3_000)
  await isHeard(from, to, 'and from now on')
}

test('two nodes get the first member of a room at the same time: it is one room', async ({
  onTestFinished: finished,
}) => {
  const nodes = await startNodes(finished)
  for (let round = 0; round < 10; round += 1) {
    const pair = [nodes.connect(0, 'Ada', `room-${round}`), nodes.connect(1, 'Bob', `room-${round}`)]
    await until(() => allSeeAll(pair), 3_000)
  }
})

test('each node says who is in a room of the other', async ({ onTestFinished: finished }) => {
  const nodes = await startNodes(finished)
  await nodes.enter(0, 'Ada', 'friday')
  const ask = async (node: number) => {
    const { port } = nodes.nodes[node] as { readonly port: number }
    return (await fetch(`http://127.0.0.1:${port}/rooms/friday`)).json()
  }
  expect(await Promise.all([ask(0), ask(1)])).toEqual([
    { people: 1, names: ['Ada'] },
    { people: 1, names: ['Ada'] },
  ])
})

test('the last member at one node leaves: those at the other stay, and the room with them', async ({
  onTestFinished: finished,
}) => {
  const { nodes, members } = await meeting(finished)
  const [ada, bob, cyd, dee] = members
  for (const { client } of [ada, bob]) client.close()
  await until(() => allSeeAll([cyd, dee]))
  const late = await nodes.enter(0, 'Eve')
  await until(() => allSeeAll([cyd, dee, late]))
  expect(removals([cyd, dee]), 'Ada and Bob, and nobody else').toEqual([2, 2])
})

test('Redis is killed and starts again empty: nobody is removed, and the rooms are whole within 5 s', async ({
  onTestFinished: finished,
}) => {
  const { nodes, members } = await meeting(finished)
  const [ada, , cyd] = members
  await nodes.redis.restart()
  await until(async () => (await nodes.readiness(0)) === 200 && (await nodes.readiness(1)) === 200)
  const late = nodes.connect(1, 'Eve')
  await until(() => allSeeAll([...members, late]), 5_000)
  await isHeardAgain(ada, cyd)
  expect(removals(members)).toEqual([0, 0, 0, 0])
})

test('Redis is flushed: nobody is removed, and the rooms are whole within 5 s', async ({
  onTestFinished: finished,
}) => {
  const { nodes, members } = await meeting(finished)
  nodes.redis.command('FLUSHALL')
  const late = nodes.connect(0, 'Eve')
  await until(() => allSeeAll([...members, late]), 5_000)
  await isHeardAgain(members[0], members[2])
  await sleep(4_000)
  expect(removals(members)).toEqual([0, 0, 0, 0])
  expect(allSeeAll([...members, late])).toBe(true)
})

test('Redis starts again with what it has saved a moment ago: whoever left since is gone, and what a host said since holds', async ({
  onTestFinished: finished,
}) => {
  const nodes = await startNodes(finished)
  const [ada, bob] = [await nodes.enter(0, 'Ada'), await nodes.enter(1, 'Bob')]
  const [{ port }] = nodes.nodes as [Nodes['nodes'][number]]
  const { moderation } = nodes.connect(1, 'Host', 'other', createHostKey()).channel
  await until(() => moderation.getSnapshot().isHost)
  const secret = createPeerSecret()
  const rude = await RawClient.greet(port, { room: 'other', secret })
  await until(() => allSeeAll([ada, bob]))
  await sleep(4_000)
  nodes.redis.command('SAVE')
  ada.client.close()
  moderation.remove(rude.id)
  moderation.lock(true)
  await until(() => bob.sees.length === 0 && moderation.getSnapshot().isLocked)
  await nodes.redis.restart()
  await until(async () => (await nodes.readiness(0)) === 200 && (await nodes.readiness(1)) === 200)
  const answerTo = async (who: PeerSecret) => {
    const client = await RawClient.greet(port, { secret: who })
    client.say({ type: 'join', room: 'other' as RoomId, name: 'Raw' })
    await until(() => client.heard.some(({ type }) => type === 'peers' || type === 'error'))
    return client.heard.find(({ type }) => type === 'error')?.code
  }
  await until(async () => (await answerTo(secret)) === 'removed')
  await until(async () => (await answerTo(createPeerSecret())) === 'room_locked')
  await until(() => bob.sees.length === 0)
})

test('Redis drops what it keeps of a room while nobody there moves: who joins then meets all within 5 s', async ({
  onTestFinished: finished,
}) => {
  const nodes = await startNodes(finished)
  // Both keys of a room, or one of them.
  const rooms = await Promise.all(
    ['mc', 'm', 'c'].map(async (lost) => {
      const room = `without-${lost}`
      return { lost, room, members: [await nodes.enter(0, 'Ada', room), await nodes.enter(1, 'Bob', room)] }
    }),
  )
  await until(() => rooms.every(({ members }) => allSeeAll(members)))
  // From now on nobody reads a room without a reason.
  await sleep(4_000)
  for (const { lost, room, members } of rooms) {
    const keys = nodes.redis.command('KEYS', `*:[${lost}]:${room}`).trim().split('\n')
    expect(keys).toHaveLength(lost.length)
    nodes.redis.command('DEL', ...keys)
    members.push(nodes.connect(1, 'Cyd', room))
  }
  await until(() => rooms.every(({ members }) => allSeeAll(members)), 5_000)
  await sleep(4_000)
  expect(rooms.map(({ members }) => allSeeAll(members))).toEqual([true, true, true])
  expect(rooms.map(({ members }) => removals(members))).toEqual(rooms.map(() => [0, 0, 0]))
})

test('Redis stands still for 10 s: members of one node hear each other, joins wait and succeed, nobody is removed', async ({
  onTestFinished: finished,
}) => {
  const { nodes, members } = await meeting(finished)
  const [ada, bob, cyd] = members
  nodes.redis.freeze(true)
  await until(async () => (await nodes.readiness(0)) === 503, 5_000)
  await isHeard(ada, bob, 'inside a node')
  const late = nodes.connect(1, 'Eve')
  await sleep(8_000)
  await isHeard(bob, ada, 'still inside a node')
  expect(late.channel.getSnapshot().status).not.toBe('joined')
  nodes.redis.freeze(false)
  await until(() => allSeeAll([...members, late]), 8_000)
  await isHeard(ada, cyd, 'to the other node again')
  expect(removals(members)).toEqual([0, 0, 0, 0])
})

test('every connection to Redis is closed again and again: nobody is removed, nothing comes twice or in another order, and all goes on', async ({
  onTestFinished: finished,
}) => {
  const { nodes, members } = await meeting(finished)
  const [ada, , cyd] = members
  let sent = 0
  const talk = setInterval(() => ada.channel.send(cyd.id, { type: 'offer', body: String((sent += 1)) }), 5)
  for (let round = 0; round < 3; round += 1) {
    await sleep(300)
    nodes.redis.command('CLIENT', 'KILL', 'TYPE', 'normal')
  }
  clearInterval(talk)
  await isHeardAgain(ada, cyd)
  await until(() => allSeeAll(members))
  expect(removals(members)).toEqual([0, 0, 0, 0])
  const heard = cyd.heard('offer').map(Number).filter(Number.isInteger)
  expect(heard.length).toBeGreaterThan(10)
  expect(heard, 'in order').toEqual(heard.toSorted((a, b) => a - b))
  expect(new Set(heard).size, 'none twice').toBe(heard.length)
})

test('Redis takes 2 s for everything: nobody is removed, and all is equal when it is quick again', async ({
  onTestFinished: finished,
}) => {
  const { nodes, members } = await meeting(finished)
  for (const { toRedis } of nodes.nodes) toRedis.shape({ latencyMs: 1_000 })
  await sleep(6_000)
  for (const { toRedis } of nodes.nodes) toRedis.shape({})
  const late = nodes.connect(1, 'Eve')
  await until(() => allSeeAll([...members, late]), 10_000)
  expect(removals(members)).toEqual([0, 0, 0, 0])
})

test('one node is cut off from Redis while people come and go on both sides: all is equal within 5 s after', async ({
  onTestFinished: finished,
}) => {
  const { nodes, members } = await meeting(finished)
  const [ada, bob, cyd, dee] = members
  const [{ toRedis }] = nodes.nodes as [Nodes['nodes'][number]]
  toRedis.freeze(true)
  // Its lease ends: the other takes it for dead, and it knows nothing of the other.
  await until(() => cyd.count('peer_removed') === 2, 6_000)
  expect(removals([ada, bob]), 'whoever does not know must not speak').toEqual([0, 0])
  bob.client.close()
  const eve = await nodes.enter(1, 'Eve')
  dee.client.close()
  const fay = nodes.connect(0, 'Fay')
  await sleep(scaled(3_000, 56_000))
  toRedis.freeze(false)
  await until(() => allSeeAll([ada, cyd, eve, fay]), 5_000)
  await isHeard(ada, eve, 'across')
})
