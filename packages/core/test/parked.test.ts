import { Random } from '@patchbay/fault-proxy'
import { cleanName, type RoomId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { Mesh } from '../src/mesh/index.ts'
import type { RoomChannel } from '../src/client/index.ts'
import { createRoomKey, RoomSeal, SignalSeal } from '../src/seal/index.ts'
import { FakeInternet } from './simulator/fake-internet.ts'
import { FakePeerConnection } from './simulator/fake-peer-connection.ts'
import { type TestClient, World } from './support/world.ts'

const room = 'room' as RoomId

/** Ada and Bob, connected in a room; Bob's line to the server and his network can be cut. */
async function meeting() {
  const world = new World()
  const internet = new FakeInternet<FakePeerConnection>(world.clock, new Random(1))
  let made = 0
  const enter = (name: string) => {
    const { client, lines } = world.connect({}, { names: ['first'] })
    const createPeerConnection = () => {
      made += 1
      return new FakePeerConnection(name, internet) as unknown as RTCPeerConnection
    }
    const mesh = new Mesh({
      signaling: client,
      entry: { room, name: cleanName(name) },
      createPeerConnection,
      clock: world.clock,
    })
    return { mesh, lines }
  }
  const [ada, bob] = [enter('ada'), enter('bob')]
  await world.clock.advance(3_000)
  const sees = () => ada.mesh.getSnapshot().map(({ info, listed, link }) => [info.name, listed, link.phase])
  const log = () => ada.mesh.chat.getSnapshot().map((entry) => ('text' in entry ? entry.text : entry.kind))
  const takeLine = () => {
    world.blocked.set('first', 'silent')
    bob.lines.at(-1)?.silence()
  }
  return { world, internet, ada, bob, sees, log, takeLine, made: () => made }
}

test('[R11] a member that the server lists as lost stays while its own channel is alive', async () => {
  const { world, sees, takeLine } = await meeting()
  expect(sees()).toEqual([['bob', true, 'connected']])
  takeLine()
  await world.clock.advance(300_000)
  expect(sees()).toEqual([['bob', false, 'connected']])
})

test('[R19] a lost member that is silent too is hidden, and keeps its connection if it is back in time', async () => {
  const { world, internet, ada, bob, sees, log, takeLine, made } = await meeting()
  takeLine()
  internet.dark.add('bob')
  await world.clock.advance(40_000)
  expect(sees()).toEqual([])
  ada.mesh.chat.send('are you there?')
  world.blocked.clear()
  internet.dark.delete('bob')
  await world.clock.advance(15_000)
  expect(sees()).toEqual([['bob', true, 'connected']])
  expect(log()).toEqual(['joined', 'lost', 'are you there?', 'back'])
  expect(bob.mesh.chat.getSnapshot().map((entry) => 'text' in entry && entry.text)).toContain('are you there?')
  expect(made()).toBe(2)
})

test('a hidden member that does not come back in time is dropped', async () => {
  const { world, internet, bob, sees, takeLine, made, log } = await meeting()
  bob.mesh.chat.send('before')
  await world.clock.advance(3_000)
  takeLine()
  internet.dark.add('bob')
  await world.clock.advance(130_000)
  world.blocked.clear()
  internet.dark.delete('bob')
  await world.clock.advance(15_000)
  expect(sees()).toEqual([['bob', true, 'connected']])
  expect(made()).toBeGreaterThan(2)
  bob.mesh.chat.send('after')
  await world.clock.advance(3_000)
  expect(log()).toEqual(['joined', 'before', 'lost', 'joined', 'after'])
})

test('a hidden member for which too much waits is dropped, and met when it is back', async () => {
  const { world, internet, ada, bob, sees, log, takeLine, made } = await meeting()
  takeLine()
  internet.dark.add('bob')
  await world.clock.advance(20_000)
  for (let i = 0; i < 40; i += 1) {
    ada.mesh.chat.send('x'.repeat(7_000))
    await world.clock.advance(500)
  }
  const madeBefore = made()
  world.blocked.clear()
  internet.dark.delete('bob')
  await world.clock.advance(15_000)
  expect(sees()).toEqual([['bob', true, 'connected']])
  expect([madeBefore, made()]).toEqual([2, 4])
  bob.mesh.chat.send('after')
  await world.clock.advance(3_000)
  expect(log().filter((entry) => entry.length < 7_000)).toEqual(['joined', 'lost', 'joined', 'after'])
})

test.each([
  ['who then leaves', 100, ({ channel }: { readonly channel: RoomChannel }) => channel.leave()],
  ['whose page then crashes', 7_100, ({ client }: { readonly client: TestClient }) => client.lines[0]?.cut()],
])(
  '[R25] in a room with a key, names from the server are not used, and one that lacks it, %s, is neither connected to nor mentioned',
  async (_, goneMs, go) => {
    const world = new World()
    const { client } = world.connect()
    const seal = new SignalSeal(new RoomSeal(createRoomKey(), room), {
      id: () => client.self,
      instance: client.instance,
      name: 'Ada',
    })
    const internet = new FakeInternet<FakePeerConnection>(world.clock, new Random(1))
    const made: FakePeerConnection[] = []
    const createPeerConnection = () => {
      made.push(new FakePeerConnection('ada', internet))
      return made.at(-1) as unknown as RTCPeerConnection
    }
    const mesh = new Mesh({
      signaling: client,
      entry: { room, name: 'Ada' },
      seal,
      createPeerConnection,
      clock: world.clock,
    })
    await world.settle()
    const other = world.connect()
    const { channel } = world.enter(other, 'room', 'Alice, your boss')
    await world.clock.advance(100)
    expect(mesh.getSnapshot(), 'someone who has not shown the key costs nothing').toEqual([])
    const roster = channel.getSnapshot()
    expect(roster.status === 'joined' && roster.peers.map(({ name }) => name)).toEqual(['…'])
    channel.send(client.self ?? other.id, { type: 'offer', body: '{"sdp":"not sealed"}' })
    await world.clock.advance(100)
    expect(mesh.getSnapshot().map(({ info, refused }) => `${info.name} ${refused}`)).toEqual(['… 1'])
    world.reachable = false
    go({ channel, client: other })
    await world.clock.advance(goneMs)
    expect(mesh.getSnapshot()).toEqual([])
    // One is made ahead, for whoever shows the key.
    expect(made.map(({ localDescription }) => localDescription)).toEqual([null])
    expect(mesh.chat.getSnapshot()).toEqual([])
  },
)
