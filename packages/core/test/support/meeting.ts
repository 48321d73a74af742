import { Random } from '@patchbay/fault-proxy'
import type { PeerSecret, RoomId } from '@patchbay/protocol'
import { type Feature, Mesh } from '../../src/mesh/index.ts'
import { type RoomKey, RoomSeal, SignalSeal } from '../../src/seal/index.ts'
import { FakeInternet } from '../simulator/fake-internet.ts'
import { FakePeerConnection } from '../simulator/fake-peer-connection.ts'
import { type TestClient, World } from './world.ts'

interface Guest {
  readonly name: string
  readonly features?: readonly Feature[]
  /** Of a room that is sealed. */
  readonly key?: RoomKey | undefined
  /** Of somebody who has been there before. */
  readonly secret?: PeerSecret
  readonly Connection?: typeof FakePeerConnection
}

/** So many people in a room, connected, and a way in for others. */
export async function meeting(...guests: readonly (string | Guest)[]) {
  const world = new World()
  const internet = new FakeInternet<FakePeerConnection>(world.clock, new Random(1))
  /** @param on the client to enter with, instead of one of its own. */
  const join = (
    { name, features = [], key, Connection = FakePeerConnection, ...identity }: Guest,
    on?: Pick<TestClient, 'client' | 'lines' | 'secret'>,
  ) => {
    const { client, lines, secret } = on ?? world.connect(identity)
    const own = { id: () => client.self, instance: client.instance, name }
    const createPeerConnection = () => new Connection(name, internet) as unknown as RTCPeerConnection
    const mesh = new Mesh({
      signaling: client,
      entry: { room: 'room', name },
      createPeerConnection,
      clock: world.clock,
      features,
      ...(key !== undefined && { seal: new SignalSeal(new RoomSeal(key, 'room' as RoomId), own) }),
    })
    const texts = () => mesh.chat.getSnapshot().flatMap((entry) => ('text' in entry ? [entry.text] : []))
    const sees = () => mesh.getSnapshot().map(({ info, link }) => `${info.name} ${link.phase}`)
    return { client, mesh, lines, secret, texts, sees }
  }
  const people = guests.map((guest) => join(typeof guest === 'string' ? { name: guest } : guest))
  await world.clock.advance(5_000)
  return { world, internet, people, join }
}
