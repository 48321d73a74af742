import type { PeerId, PeerInfo, PeerMessage } from '@patchbay/protocol'
import { expect, test, vi } from 'vitest'
import { RoomChat } from '../src/mesh/chat/room-chat.ts'
import type { LinkPort } from '../src/mesh/index.ts'
import type { RosterState } from '../src/signaling/index.ts'
import { createStore } from '../src/store.ts'
import { counting } from './support/counting.ts'
import { ManualClock } from './support/manual-clock.ts'
import { collectReported } from './support/reported.ts'

/** A chat, and its link to Bob with what it sends him. */
function meetBob() {
  const clock = new ManualClock()
  const chat = new RoomChat({ clock, name: 'Ada', nameOf: () => 'Bob' })
  const sent: PeerMessage[] = []
  const port = {
    ...counting(clock),
    isOpen: true,
    peer: { id: 'bob' as PeerId, instance: 'i' },
    send: (m: PeerMessage) => sent.push(m),
  }
  const link = chat.attach(port as unknown as LinkPort)
  return { chat, link, sent }
}

test('a page whose timers stand still confirms what it has heard before it answers a heartbeat', () => {
  const { link, sent } = meetBob()
  link.receive?.({ type: 'sync', stream: 'theirs', before: 0 })
  for (const seq of [1, 2]) link.receive?.({ type: 'chat', id: `m${seq}`, seq, body: 'hello' })
  expect(sent).toEqual([])
  link.pinged?.()
  expect(sent).toEqual([{ type: 'ack', stream: 'theirs', heard: 2 }])
  link.pinged?.()
  expect(sent).toHaveLength(1)
})

test('what is said in a room that does not let this client in is not sent, and stands in no log', () => {
  const chat = new RoomChat({ clock: new ManualClock(), name: 'Ada', nameOf: () => 'Bob' })
  chat.follow(createStore<RosterState>({ status: 'refused', code: 'forbidden' }))
  expect(chat.send('hello')).toBe('left')
  expect(chat.getSnapshot()).toEqual([])
})

test('what is said in a room that lets this client in no more is sent to whom it is still connected to', () => {
  const { chat, sent } = meetBob()
  chat.follow(createStore<RosterState>({ status: 'refused', code: 'forbidden' }))
  expect(chat.send('hello')).toBe('sent')
  expect(sent).toMatchObject([{ type: 'chat', body: 'hello' }])
})

test('an error of one who is told of receipts keeps none from the others', async () => {
  const reported = collectReported()
  const { chat, link, sent } = meetBob()
  link.opened?.()
  const [sync] = sent
  if (sync?.type !== 'sync') throw new Error('unreachable')
  const ids = ['m1', 'm2', 'm3', 'm4', 'm5']
  const received: string[] = []
  chat.onReceived(() => {
    throw new Error('of the page')
  })
  chat.onReceived((id, by) => received.push(`${id} ${by}`))
  for (const id of ids) chat.send('hello', id)
  link.receive?.({ type: 'ack', stream: sync.stream, heard: 5 })
  expect(received).toEqual(ids.map((id) => `${id} bob`))
  await vi.waitFor(() => expect(reported).toHaveLength(5))
  vi.unstubAllGlobals()
})

test('what is said while somebody is expected waits, up to a bound, and is for nobody once that one is gone', () => {
  const clock = new ManualClock()
  const chat = new RoomChat({ clock, name: 'Ada', nameOf: () => 'Bob' })
  const saysAlone = () => {
    const outcome = chat.send('x'.repeat(8_000))
    const entry = chat.getSnapshot().at(-1)
    return `${outcome}${entry !== undefined && 'alone' in entry ? ' alone' : ''}`
  }
  const info = { id: 'bob' as PeerId, instance: 'i' } as PeerInfo
  expect(saysAlone()).toBe('sent alone')
  chat.expect(info)
  const outcomes = Array.from({ length: 35 }, () => {
    clock.stall(1_000)
    return saysAlone()
  })
  expect(outcomes.indexOf('sent alone'), '33 fit in').toBe(33)
  const sent: PeerMessage[] = []
  const port = { ...counting(clock), isOpen: true, peer: info, send: (m: PeerMessage) => sent.push(m) }
  const link = chat.attach(port as unknown as LinkPort)
  link.opened?.()
  expect(sent.map(({ type }) => type)).toEqual(['sync', ...Array.from({ length: 33 }, () => 'chat')])
  const eve = { ...info, id: 'eve' as PeerId }
  link.closed?.()
  chat.forget(info.id)
  chat.expect(eve)
  chat.forget(eve.id)
  clock.stall(1_000)
  expect(saysAlone()).toBe('sent alone')
})
