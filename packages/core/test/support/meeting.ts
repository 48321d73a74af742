import { Random } from '@patchbay/fault-proxy'
import { type Feature, Mesh } from '../../src/mesh/index.ts'
import { FakeInternet } from '../simulator/fake-internet.ts'
import { FakePeerConnection } from '../simulator/fake-peer-connection.ts'
import { World } from './world.ts'

/** So many people in a room, connected. */
export async function meeting(
  ...guests: readonly (string | { readonly name: string; readonly features: Feature[] })[]
) {
  const world = new World()
  const internet = new FakeInternet<FakePeerConnection>(world.clock, new Random(1))
  const people = guests.map((guest) => {
    const { name, features } = typeof guest === 'string' ? { name: guest, features: [] } : guest
    const { client, lines } = world.connect()
    const createPeerConnection = () => new FakePeerConnection(name, internet) as unknown as RTCPeerConnection
    const mesh = new Mesh({
      signaling: client,
      entry: { room: 'room', name },
      createPeerConnection,
      clock: world.clock,
      features,
    })
    const texts = () => mesh.chat.getSnapshot().flatMap((entry) => ('text' in entry ? [entry.text] : []))
    const sees = () => mesh.getSnapshot().map(({ info, link }) => `${info.name} ${link.phase}`)
    return { client, mesh, lines, texts, sees }
  })
  await world.clock.advance(5_000)
  return { world, internet, people }
}
