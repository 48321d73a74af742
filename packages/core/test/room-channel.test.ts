import { fullCapabilities, type PeerId, type PeerInfo, type RoomId } from '@patchbay/protocol'
import { describe, expect, test, vi } from 'vitest'
import { ClientRoom } from '../src/client/room-channel.ts'
import type { CleanEntry, RoomEvent } from '../src/signaling/index.ts'
import { ManualClock } from './support/manual-clock.ts'

const room = 'room' as RoomId

function peer(name: string, life = 'i', state: PeerInfo['state'] = 'here'): PeerInfo {
  const instance = life.padEnd(22, '_') as PeerInfo['instance']
  return { id: name.padEnd(22, '_') as PeerId, instance, name, line: 'test', state, capabilities: fullCapabilities }
}

/** A channel, what it has sent, and what has happened in it. */
function channelOf(entry: Partial<CleanEntry> = {}) {
  const clock = new ManualClock()
  const sent: unknown[] = []
  const events: RoomEvent[] = []
  let left = 0
  const known = new ClientRoom(
    { room, name: 'Me', title: undefined, ...entry },
    clock,
    (frame) => sent.push(frame.includes('\n') ? frame : JSON.parse(frame)),
    () => (left += 1),
  )
  const { channel } = known
  channel.onEvent((event) => events.push(event))
  const roster = () => {
    const state = channel.getSnapshot()
    return state.status === 'joined' ? state.peers.map(({ name, state: where }) => `${name} ${where}`) : state.status
  }
  const news = () => events.splice(0)
  const told = (...peers: PeerInfo[]) => known.receive({ type: 'peers', room, peers })
  return { channel, known, clock, sent, news, roster, told, timesLeft: () => left }
}

const [ada, bob] = [peer('ada'), peer('bob')]

describe('a room', () => {
  test('is being joined until the server has told who is in it', () => {
    const { known, sent, roster, told, news } = channelOf()
    expect(roster()).toBe('joining')
    known.join()
    expect(sent).toEqual([{ type: 'join', room, name: 'Me' }])
    told(ada, bob)
    expect(roster()).toEqual(['ada here', 'bob here'])
    expect(news()).toEqual([ada, bob].map((one) => ({ type: 'peer_joined', peer: one, newcomer: false })))
  })

  test('hears nothing of the membership before it: the server answers a join before it says anything else', () => {
    const { known, told, news, roster } = channelOf()
    known.join()
    known.receive({ type: 'new_peer', room, peer: ada })
    known.receive({ type: 'lock', room, locked: true })
    known.receive({ type: 'offer', room, from: ada.id, body: 'x' })
    known.receive({ type: 'remove_peer', room, peer: bob.id, reason: 'left' })
    expect([roster(), known.moderation.getSnapshot().isLocked, news()]).toEqual(['joining', false, []])
    told(ada)
    expect(news()).toEqual([{ type: 'peer_joined', peer: ada, newcomer: false }])
  })

  test('is called what the server says, and what it is called is said when it is joined again', () => {
    const { known, channel, sent } = channelOf({ title: 'Mine' })
    known.join()
    known.receive({ type: 'peers', room, title: 'Theirs', peers: [] })
    expect(channel.getSnapshot()).toEqual({ status: 'joined', title: 'Theirs', peers: [] })
    known.join()
    expect(sent).toMatchObject([{ title: 'Mine' }, { title: 'Theirs' }])
  })

  test('tells who comes, changes and goes, once', () => {
    const { known, told, news, roster } = channelOf()
    told(ada)
    news()
    const away = peer('ada', 'i', 'away')
    known.receive({ type: 'new_peer', room, peer: bob })
    known.receive({ type: 'peer_update', room, peer: away })
    expect(roster()).toEqual(['ada away', 'bob here'])
    known.receive({ type: 'remove_peer', room, peer: ada.id, reason: 'left' })
    known.receive({ type: 'remove_peer', room, peer: ada.id, reason: 'lost' })
    expect(roster()).toEqual(['bob here'])
    expect(news()).toEqual([
      { type: 'peer_joined', peer: bob, newcomer: true },
      { type: 'peer_updated', peer: away },
      { type: 'peer_removed', id: ada.id, reason: 'left' },
    ])
  })

  test('takes another life of a page for another member, who came later', () => {
    const { known, told, news, roster } = channelOf()
    told(ada)
    news()
    const reloaded = peer('ada', 'j')
    known.receive({ type: 'peer_update', room, peer: reloaded })
    expect(news()).toEqual([
      { type: 'peer_removed', id: ada.id, reason: 'left' },
      { type: 'peer_joined', peer: reloaded, newcomer: true },
    ])
    expect(roster()).toEqual(['ada here'])
  })

  test('forgets whom a new list lacks', () => {
    const { told, news, roster } = channelOf()
    told(ada, bob)
    news()
    told(bob)
    expect(roster()).toEqual(['bob here'])
    expect(news()).toEqual([
      { type: 'peer_removed', id: ada.id, reason: 'lost' },
      { type: 'peer_updated', peer: bob },
    ])
  })

  test('tells of everyone and to every listener when a listener throws', () => {
    const { channel, told, news, roster } = channelOf()
    channel.onEvent(() => {
      throw new Error('the listener fails')
    })
    const heard: string[] = []
    channel.onEvent(({ type }) => heard.push(type))
    const reported = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => {})
    told(ada, bob)
    expect(roster()).toEqual(['ada here', 'bob here'])
    expect(news()).toHaveLength(2)
    expect(heard).toEqual(['peer_joined', 'peer_joined'])
    expect(reported).toHaveBeenCalledTimes(2)
    vi.restoreAllMocks()
  })

  test.each(['offer', 'answer', 'ice_candidate'] as const)('hands on %s as it came, and sends it so', (type) => {
    const { known, channel, sent, news, told } = channelOf()
    told()
    known.receive({ type, room, from: ada.id, body: 'x\ny' })
    expect(news()).toEqual([{ type: 'signal', from: ada.id, signal: { type, body: 'x\ny' } }])
    channel.send(bob.id, { type, body: 'x\ny' })
    expect(sent).toEqual([`{"type":"${type}","room":"room","to":"${bob.id}"}\nx\ny`])
  })

  test.each(['room_full', 'too_many_rooms'] as const)('that is refused with %s is empty, and says why', (code) => {
    const { known, channel, told, news } = channelOf()
    told(ada)
    news()
    known.receive({ type: 'error', room, code })
    expect(channel.getSnapshot()).toEqual({ status: 'refused', code })
    expect(news()).toEqual([{ type: 'peer_removed', id: ada.id, reason: 'lost' }])
  })

  test.each(['not_in_room', 'peer_busy', 'unknown_peer'] as const)(
    'goes on when one signal is refused with %s',
    (code) => {
      const { known, told, roster, news } = channelOf()
      told(ada)
      news()
      known.receive({ type: 'error', room, code, to: ada.id })
      expect([roster(), news()]).toEqual([['ada here'], []])
    },
  )

  test('that was left says so once, and nothing happens in it any more', () => {
    const { known, channel, told, news, roster, sent, timesLeft } = channelOf()
    told(ada)
    news()
    channel.leave()
    channel.leave()
    told(bob)
    known.receive({ type: 'offer', room, from: ada.id, body: 'x' })
    known.discontinue({ restarted: false })
    expect(sent).toEqual([{ type: 'leave', room }])
    expect([roster(), news(), timesLeft()]).toEqual(['left', [], 1])
  })

  test('is heard until the listener has had enough', () => {
    const { channel, told } = channelOf()
    const heard: string[] = []
    const stop = channel.onEvent(({ type }) => heard.push(type))
    told(ada)
    stop()
    told(ada, bob)
    expect(heard).toEqual(['peer_joined'])
  })
})

describe('after the server was started anew', () => {
  /** Ada and Bob were there, and are not yet back. */
  function restarted() {
    const known = channelOf()
    known.told(ada, bob)
    known.news()
    known.known.discontinue({ restarted: true })
    expect(known.news()).toEqual([{ type: 'discontinuity' }])
    known.told()
    return known
  }

  test('those who are not back yet are away, and forgotten after 10 s', async () => {
    const { clock, roster, news } = restarted()
    expect(roster()).toEqual(['ada away', 'bob away'])
    news()
    await clock.advance(9_999)
    expect(news()).toEqual([])
    await clock.advance(1)
    expect(roster()).toEqual([])
    expect(news()).toEqual([ada, bob].map(({ id }) => ({ type: 'peer_removed', id, reason: 'lost' })))
    expect(clock.pending).toBe(0)
  })

  test('one who comes back in time is the same, and stays', async () => {
    const { known, clock, roster, news, told } = restarted()
    news()
    known.receive({ type: 'new_peer', room, peer: ada })
    // Told in between, a list forgets nobody who has time left.
    told(ada)
    expect(roster()).toEqual(['ada here', 'bob away'])
    await clock.advance(10_000)
    expect(roster()).toEqual(['ada here'])
    expect(news().map(({ type }) => type)).toEqual(['peer_updated', 'peer_updated', 'peer_removed'])
  })

  test('one who says that they leave has no time left', async () => {
    const { known, channel, clock, roster } = restarted()
    known.receive({ type: 'remove_peer', room, peer: ada.id, reason: 'left' })
    expect(roster()).toEqual(['bob away'])
    expect(clock.pending).toBe(1)
    channel.leave()
    expect(clock.pending).toBe(0)
  })

  test('only the first list gives time', () => {
    const { known, told, roster } = restarted()
    known.receive({ type: 'new_peer', room, peer: ada })
    told()
    expect(roster()).toEqual(['bob away'])
  })

  test('and a session that was only new, nobody has any time', () => {
    const { known, told, roster, clock } = channelOf()
    told(ada)
    known.discontinue({ restarted: false })
    told()
    expect([roster(), clock.pending]).toEqual([[], 0])
  })
})
