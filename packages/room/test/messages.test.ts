import { Hub } from '@patchbay/core/hub'
import type { LinkPort } from '@patchbay/core/mesh'
import { systemClock } from '@patchbay/core/transport'
import type { PeerId } from '@patchbay/protocol'
import { dialMemory, MemoryAddress } from '@patchbay/transport-memory/client'
import { listenMemory } from '@patchbay/transport-memory/server'
import { expect, test } from 'vitest'
import { joinRoom } from '../src/index.ts'
import { nodeDataChannel } from '../src/node-datachannel.ts'

test('onMessage tells each message once, also when the log is full and drops the one before', () => {
  const address = new MemoryAddress()
  new Hub().serve(listenMemory(address))
  const room = joinRoom({ lines: [dialMemory(address)], room: 'friday', name: 'Ada', rtc: nodeDataChannel })
  const heard: string[] = []
  room.onMessage((text, { id }) => heard.push(`${id} ${text.slice(0, 20)}`))
  /** A member who is connected, as far as the chat knows. */
  const member = (id: string) => {
    const peer = { id: id as PeerId, instance: 'i' }
    const port = { peer, clock: systemClock, isOpen: true, send: () => {}, accepts: () => true }
    const link = room.mesh.chat.attach(port as unknown as LinkPort)
    link.receive?.({ type: 'sync', stream: id, before: 0 })
    let seq = 0
    return (body: string) => link.receive?.({ type: 'chat', id: `m${(seq += 1)}`, seq, body })
  }
  const members = Array.from({ length: 12 }, (_, n) => member(`member${n}`))
  for (let n = 0; n < 999; n += 1) members[n % 12]?.('short')
  member('newcomer')('x'.repeat(8_000))
  members[0]?.('next')
  member('another')('y'.repeat(8_000))
  members[1]?.('last')
  expect(heard.slice(999)).toEqual([
    `newcomer ${'x'.repeat(20)}`,
    'member0 next',
    `another ${'y'.repeat(20)}`,
    'member1 last',
  ])
  room.leave()
})
