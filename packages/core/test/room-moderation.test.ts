import { createHostKey, type PeerId, type RoomId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { ClientRoom } from '../src/client/room-channel.ts'
import { ManualClock } from './support/manual-clock.ts'

const room = 'room' as RoomId
const ada = { id: 'ada'.padEnd(22, '_') as PeerId, name: 'Ada' }
const member = { ...ada, instance: ada.id, line: 'test', state: 'here', capabilities: {} } as never

/** A room of a client, and what it has sent. */
function roomOf(hostKey = createHostKey()) {
  const clock = new ManualClock()
  const sent: { readonly type: string }[] = []
  const entry = { room, name: 'Me', title: undefined, hostKey }
  const known = new ClientRoom(
    entry,
    clock,
    (frame) => sent.push(JSON.parse(frame) as { type: string }),
    () => undefined,
  )
  const entered = (flags: { readonly host?: true; readonly locked?: true; readonly undecided?: true }) =>
    known.receive({ type: 'peers', room, ...flags, peers: [] })
  const refused = (code: 'room_locked' | 'removed') => known.receive({ type: 'error', room, code })
  const status = () => known.channel.getSnapshot().status
  return { hostKey, known, clock, sent, entered, refused, status, state: () => known.moderation.getSnapshot() }
}

describe('who waits to be let in', () => {
  test('knocks every 2 s until it is in, and then no more', async () => {
    const { clock, sent, known, entered, refused, status } = roomOf()
    known.join()
    for (let i = 0; i < 3; i += 1) {
      refused('room_locked')
      expect(status()).toBe('waiting')
      await clock.advance(2_000)
    }
    expect(sent.map(({ type }) => type)).toEqual(['join', 'join', 'join', 'join'])
    entered({ locked: true })
    expect(status()).toBe('joined')
    await clock.advance(10_000)
    expect(sent).toHaveLength(4)
  })

  test('is turned away for good', async () => {
    const { clock, sent, known, refused } = roomOf()
    known.join()
    refused('room_locked')
    refused('removed')
    expect(known.channel.getSnapshot()).toEqual({ status: 'refused', code: 'removed' })
    await clock.advance(10_000)
    // On another session, of a server that has forgotten it.
    known.join()
    known.receive({ type: 'peers', room, peers: [] })
    expect(sent).toHaveLength(1)
    expect(known.channel.getSnapshot()).toMatchObject({ status: 'refused' })
  })

  test('goes on with the others for 10 s if the server has restarted, and then waits', async () => {
    const { clock, known, entered, refused, status } = roomOf()
    entered({})
    known.discontinue({ restarted: true })
    for (let ms = 0; ms < 10_000; ms += 2_000) {
      refused('room_locked')
      expect(status()).toBe('joined')
      await clock.advance(2_000)
    }
    refused('room_locked')
    expect(status()).toBe('waiting')
  })

  test('has lost the others if it was away so long that its place is gone', () => {
    const { known, refused, status } = roomOf()
    const events: unknown[] = []
    known.channel.onEvent((event) => events.push(event))
    known.receive({ type: 'peers', room, peers: [member] })
    known.discontinue({ restarted: false })
    refused('room_locked')
    expect(status()).toBe('waiting')
    expect(events.at(-1)).toEqual({ type: 'peer_removed', id: ada.id, reason: 'lost' })
  })
})

test('whoever is removed has lost nobody, all have left', () => {
  const { known, refused } = roomOf()
  const events: unknown[] = []
  known.channel.onEvent((event) => events.push(event))
  known.receive({ type: 'peers', room, peers: [member] })
  refused('removed')
  expect(events.at(-1)).toEqual({ type: 'peer_removed', id: ada.id, reason: 'left' })
})

test('a member that was lost, and may be connected still, has left when a host removes it', () => {
  const { known } = roomOf()
  const events: unknown[] = []
  known.channel.onEvent((event) => events.push(event))
  known.receive({ type: 'peers', room, peers: [member] })
  for (const reason of ['lost', 'left'] as const) known.receive({ type: 'remove_peer', room, peer: ada.id, reason })
  expect(events.slice(1)).toEqual(['lost', 'left'].map((reason) => ({ type: 'peer_removed', id: ada.id, reason })))
})

describe('a host', () => {
  test('is told who knocks, each once, until they come no more or are answered', async () => {
    const { known, clock, sent, entered, state } = roomOf()
    entered({ host: true, locked: true })
    expect(state()).toEqual({ isHost: true, isLocked: true, knocking: [] })
    const bob = { id: 'bob'.padEnd(22, '_') as PeerId, name: 'Bob' }
    known.receive({ type: 'knock', room, peer: ada })
    await clock.advance(7_000)
    for (const peer of [ada, bob]) known.receive({ type: 'knock', room, peer })
    await clock.advance(7_000)
    expect(state().knocking).toEqual([ada, bob])
    known.channel.moderation.admit(ada.id)
    known.channel.moderation.remove(bob.id)
    expect(state().knocking).toEqual([])
    expect(sent).toEqual([
      { type: 'admit', room, to: ada.id },
      { type: 'remove', room, to: bob.id },
    ])
    known.receive({ type: 'knock', room, peer: ada })
    await clock.advance(8_000)
    expect(state().knocking).toEqual([])
  })

  test('is shown 100 of those who knock', () => {
    const { known, entered, state } = roomOf()
    entered({ host: true, locked: true })
    for (let i = 0; i < 110; i += 1)
      known.receive({ type: 'knock', room, peer: { id: `${i}`.padEnd(22, '_') as PeerId, name: 'Eve' } })
    expect(state().knocking).toHaveLength(100)
  })

  test('locks its room again on a server that has forgotten it; whoever was none shows no key there', () => {
    const host = roomOf()
    const other = roomOf()
    host.entered({ host: true })
    host.known.receive({ type: 'new_peer', room, peer: member })
    host.known.receive({ type: 'lock', room, locked: true })
    other.entered({ locked: true })
    for (const { known, entered, hostKey, sent } of [host, other]) {
      known.discontinue({ restarted: true })
      known.join()
      entered(known === host.known ? { host: true } : {})
      expect(sent[0]).toEqual({ type: 'join', room, name: 'Me', ...(known === host.known && { hostKey }) })
    }
    expect(host.sent.slice(1)).toEqual([
      { type: 'lock', room, locked: true },
      { type: 'admit', room, to: ada.id },
    ])
    expect(other.sent).toHaveLength(1)
  })

  test('shows its key again as long as the server does not know whether it is one', () => {
    const { known, sent, entered, hostKey } = roomOf()
    const keys = () => sent.splice(0).map((message) => (message as { hostKey?: string }).hostKey)
    entered({ undecided: true })
    known.join()
    expect(keys()).toEqual([hostKey])
    known.receive({ type: 'new_peer', room, peer: { ...(member as object), host: true } as never })
    known.join()
    expect(keys()).toEqual([undefined])
  })

  test('is heard with what it has asked before it was in, the last of it about each', () => {
    const { known, sent, entered } = roomOf()
    const { moderation } = known.channel
    moderation.lock(false)
    moderation.lock(true)
    moderation.remove(ada.id)
    expect(sent).toEqual([])
    entered({ host: true })
    entered({ host: true })
    expect(sent).toEqual([
      { type: 'lock', room, locked: true },
      { type: 'remove', room, to: ada.id },
    ])
  })

  test('is heard with what it has asked while a session was lost, or while it was undecided', () => {
    const { known, sent, entered } = roomOf()
    const { moderation } = known.channel
    const lock = { type: 'lock', room, locked: true }
    entered({ host: true })
    known.discontinue({ restarted: false })
    moderation.lock(true)
    entered({ undecided: true })
    moderation.remove(ada.id)
    expect(sent).toEqual([])
    entered({ host: true })
    expect(sent.splice(0)).toEqual([lock, { type: 'remove', room, to: ada.id }])
    known.discontinue({ restarted: false })
    entered({ host: true })
    expect(sent.splice(0), 'it was not confirmed').toEqual([lock])
    known.receive({ type: 'lock', room, locked: true })
    known.discontinue({ restarted: false })
    entered({ host: true, locked: true })
    moderation.remove(ada.id)
    known.discontinue({ restarted: false })
    moderation.lock(false)
    entered({})
    entered({ host: true })
    expect(sent, 'somebody who is not a host has nothing to say').toEqual([{ type: 'remove', room, to: ada.id }])
  })

  test('has the last word about its lock, once', () => {
    const { known, sent, entered } = roomOf()
    const { moderation } = known.channel
    entered({ host: true, locked: true })
    moderation.lock(false)
    const unlock = sent.splice(0)
    known.discontinue({ restarted: true })
    entered({ host: true })
    expect(sent, 'the server has forgotten the lock, which is what is wanted').toEqual([])
    known.discontinue({ restarted: true })
    entered({ host: true, locked: true })
    moderation.lock(false)
    known.discontinue({ restarted: false })
    entered({ host: true, locked: true })
    expect(sent.splice(0)).toEqual([...unlock, ...unlock])
    moderation.lock(true)
    sent.length = 0
    known.discontinue({ restarted: false })
    entered({ host: true, locked: true })
    known.discontinue({ restarted: false })
    entered({ host: true })
    expect(sent, 'somebody else has unlocked it since').toEqual([])
  })

  test('leaves a room as another host has it that was back before', () => {
    const { known, entered, sent } = roomOf()
    entered({ host: true, locked: true })
    known.discontinue({ restarted: true })
    known.receive({ type: 'peers', room, host: true, peers: [{ ...(member as object), host: true } as never] })
    expect(sent).toEqual([])
  })

  test('says again what the server could not do', async () => {
    const { known, clock, sent, entered } = roomOf()
    entered({ host: true })
    known.channel.moderation.lock(true)
    known.channel.moderation.remove(ada.id)
    const said = [...sent]
    known.receive({ type: 'error', room, code: 'busy' })
    known.receive({ type: 'error', room, code: 'too_fast', to: ada.id })
    await clock.advance(1_000)
    expect(sent.slice(2)).toMatchObject([{ type: 'join' }, ...said])
    known.receive({ type: 'lock', room, locked: true })
    known.receive({ type: 'error', room, code: 'busy' })
    await clock.advance(1_000)
    expect(sent.slice(5), 'nothing was asked: it is about a join').toMatchObject([{ type: 'join' }])
  })

  /** One that has locked its room and unlocked it at once; nothing is heard of either yet. */
  const toggled = () => {
    const made = roomOf()
    made.entered({ host: true })
    for (const locked of [true, false]) made.known.channel.moderation.lock(locked)
    return { ...made, locks: () => made.sent.filter(({ type }) => type === 'lock') }
  }

  test('that unlocks what it has just locked says so again where the server could not do it', async () => {
    const { known, clock, sent, entered } = toggled()
    known.receive({ type: 'lock', room, locked: true })
    known.receive({ type: 'error', room, code: 'busy' })
    await clock.advance(1_000)
    expect(sent.at(-1)).toEqual({ type: 'lock', room, locked: false })
    known.receive({ type: 'lock', room, locked: false })
    known.discontinue({ restarted: false })
    sent.length = 0
    entered({ host: true, locked: true })
    expect(sent, 'another host has locked it since').toEqual([])
  })

  test('has the last word about the lock though the server did the first late, and said that it could not', async () => {
    const { known, clock, locks } = toggled()
    known.receive({ type: 'error', room, code: 'busy' })
    known.receive({ type: 'lock', room, locked: true })
    known.receive({ type: 'error', room, code: 'busy' })
    await clock.advance(1_000)
    expect(locks().at(-1)).toEqual({ type: 'lock', room, locked: false })
    expect(locks()).toHaveLength(3)
  })

  test('that wanted it open again, while it was, leaves it locked when another host locks it', async () => {
    const { known, clock, sent, entered, locks } = toggled()
    known.receive({ type: 'error', room, code: 'busy' })
    await clock.advance(1_000)
    known.receive({ type: 'lock', room, locked: true })
    sent.length = 0
    known.receive({ type: 'error', room, code: 'busy' })
    await clock.advance(1_000)
    known.discontinue({ restarted: false })
    entered({ host: true, locked: true })
    expect(locks()).toEqual([])
  })

  test('that has said twice that it is to be locked says so no more once another has unlocked it', () => {
    const { known, sent, entered } = roomOf()
    const { moderation } = known.channel
    entered({ host: true })
    moderation.lock(true)
    moderation.lock(true)
    known.receive({ type: 'lock', room, locked: true })
    known.discontinue({ restarted: false })
    sent.length = 0
    entered({ host: true })
    expect(sent).toEqual([])
  })

  test('in a later session has no say about what it asked for as none', () => {
    const { known, sent, entered } = roomOf()
    entered({})
    known.channel.moderation.lock(true)
    known.receive({ type: 'error', room, code: 'not_host' })
    known.discontinue({ restarted: false })
    sent.length = 0
    entered({ host: true })
    expect(sent).toEqual([])
  })

  test('is not asked about somebody who is in, nor once the room is open', () => {
    const { known, entered, state } = roomOf()
    entered({ host: true, locked: true })
    const bob = { id: 'bob'.padEnd(22, '_') as PeerId, name: 'Bob' }
    for (const peer of [ada, bob]) known.receive({ type: 'knock', room, peer })
    known.receive({ type: 'new_peer', room, peer: member })
    expect(state().knocking).toEqual([bob])
    known.receive({ type: 'lock', room, locked: false })
    expect(state().knocking).toEqual([])
  })

  test('that is none any more forgets who knocks', () => {
    const { known, entered, state } = roomOf()
    entered({ host: true, locked: true })
    known.receive({ type: 'knock', room, peer: ada })
    entered({ locked: true })
    expect(state()).toEqual({ isHost: false, isLocked: true, knocking: [] })
  })
})
