import {
  type ClientMessage,
  createInstanceId,
  encode,
  fullCapabilities,
  type PeerSecret,
  PROTOCOL_VERSION,
  type ServerMessage,
  type SessionId,
} from '@patchbay/protocol'
import type { RoomEvent } from '../../src/signaling/index.ts'
import type { TestRoom, World } from './world.ts'

export const bodies = ({ events }: TestRoom) =>
  events.flatMap((event: RoomEvent) => (event.type === 'signal' ? [event.signal.body] : []))
export const kinds = ({ events }: TestRoom) => events.map((event) => event.type)

export async function pairOf(world: World) {
  const alice = world.connect()
  const bob = world.connect()
  const inAlice = world.enter(alice, 'room', 'Alice')
  await world.settle()
  const inBob = world.enter(bob, 'room', 'Bob')
  await world.settle()
  return { alice, bob, inAlice, inBob }
}

export const identityOf = (secret: PeerSecret) => ({
  version: PROTOCOL_VERSION,
  secret,
  instance: createInstanceId(),
  capabilities: fullCapabilities,
})

/** Sends raw protocol messages on a separate line. */
export async function speak(world: World, first: ClientMessage) {
  const heard: unknown[] = []
  const line = world.open({
    frame: (text) => heard.push(JSON.parse(text)),
    close: (reason) => heard.push(reason),
  })
  const say = (message: ClientMessage) => line.near.send(encode(message))
  say(first)
  await world.settle()
  const session = (heard[0] as Partial<Extract<ServerMessage, { type: 'welcome' }>>).session as SessionId
  return { heard, say, session }
}
