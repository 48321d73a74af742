import type { PeerId, PeerInfo, RoomId, SessionId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { networkOf } from '../src/hub/network.ts'
import { LocalMember } from '../src/hub/member.ts'
import { OwnRooms } from '../src/hub/rooms.ts'
import { TokenBucket } from '../src/token-bucket.ts'
import { WaitingBudget } from '../src/hub/waiting-budget.ts'
import { person, rawHub } from './support/raw-hub.ts'

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['::2:3:4:5:6', '0:0:0:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['1::ffff:192.0.2.7', '1:0:0:0::/64'],
  ['::ffff:192.0.2.777:1', '0:0:0:0::/64'],
  ['test', 'test'],
  ['not an address: at all', 'not an address: at all'],
])('the address %s belongs to the network %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

describe('what waits for sessions without a line', () => {
  const budgetOf = () => new WaitingBudget({ size: 100, sizePerAddress: 60 })

  test('fits up to the bound of one address and of all together', () => {
    const budget = budgetOf()
    expect([budget.tryTake('a', 60), budget.tryTake('a', 1)]).toEqual([true, false])
    expect([budget.tryTake('b', 40), budget.tryTake('b', 1), budget.tryTake('c', 1)]).toEqual([true, false, false])
  })

  test('counts until it is released, for its address and for all', () => {
    const budget = budgetOf()
    for (const address of ['a', 'b']) budget.tryTake(address, 50)
    budget.release('a', 20)
    expect([budget.tryTake('b', 11), budget.tryTake('b', 10), budget.tryTake('a', 11)]).toEqual([false, true, false])
    budget.release('a', 30)
    budget.release('a', 0)
    expect([budget.tryTake('a', 41), budget.tryTake('a', 40)]).toEqual([false, true])
  })

  test('counts for the whole network of an IPv6 address', () => {
    const budget = budgetOf()
    expect(budget.tryTake('2001:db8::1', 60)).toBe(true)
    expect([budget.tryTake('2001:db8::2', 1), budget.tryTake('2001:db8:0:1::2', 1)]).toEqual([false, true])
    budget.release('2001:db8::3', 1)
    expect(budget.tryTake('2001:db8::2', 1)).toBe(true)
  })

  test('ends those of the address that is over its bound, or else of the one with most, where it is too much', () => {
    const budget = budgetOf()
    budget.charge('a', 60)
    budget.charge('b', 40)
    expect(['a', 'b', 'c'].map((one) => budget.overdrawn(one))).toEqual([undefined, undefined, undefined])
    budget.charge('c', 1)
    expect(budget.overdrawn('c')).toBe('a')
    budget.release('a', 30)
    expect(budget.overdrawn('c')).toBeUndefined()
    budget.charge('c', 60)
    expect(budget.overdrawn('c'), 'over its own').toBe('c')
    budget.charge('b', 20)
    budget.release('c', 20)
    expect(budget.overdrawn('a'), 'a has 30, b 60, c 41').toBe('b')
  })
})

describe('the rooms of a hub that is alone', () => {
  const [tea, coffee] = ['tea', 'coffee'] as [RoomId, RoomId]
  const told: string[] = []
  const member = (letter: string, state: 'in' | 'lost' = 'in', session = letter) => {
    const info = { id: letter.repeat(22), name: letter } as unknown as PeerInfo
    const occupant = {
      takeRelayed: () => true,
      takeNotice: (_: RoomId, frame: string) => told.push(`${letter}: ${frame.slice(9, 20).replace(/".*/, '')}`),
      takeKnock: () => undefined,
      removed: () => undefined,
      ruled: () => undefined,
      endStale: () => undefined,
    }
    return new LocalMember({ node: '', session: session as SessionId, info, state }, occupant)
  }
  const leave = (rooms: OwnRooms, room: RoomId, letter: string, session = letter) =>
    rooms.leave(room, letter.repeat(22) as PeerId, session as SessionId, 'left')

  test('keep the place of a member that is lost until its session gives it up, in each room by itself', () => {
    const rooms = new OwnRooms(2)
    for (const letter of ['a', 'b']) rooms.enter(tea, member(letter), {})
    rooms.enter(coffee, member('b'), {})
    rooms.keep(tea, member('b', 'lost'))
    expect([rooms.find(tea)?.members.size, rooms.find(coffee)?.members.size]).toEqual([1, 1])
    expect(rooms.enter(tea, member('c'), {})).toBe('full')
    expect(rooms.enter(tea, member('b'), {}), 'it comes back').toBe(rooms.find(tea))
    rooms.keep(tea, member('b', 'lost'))
    leave(rooms, tea, 'b')
    expect(rooms.enter(tea, member('c'), {})).toBe(rooms.find(tea))
  })

  test('tell the others of each change once, and of none that was none', () => {
    const rooms = new OwnRooms(3)
    rooms.enter(tea, member('a'), {})
    told.length = 0
    for (const state of ['in', 'in', 'lost', 'lost'] as const)
      if (state === 'in') rooms.enter(tea, member('b'), {})
      else rooms.keep(tea, member('b', state))
    leave(rooms, tea, 'b')
    expect(told).toEqual(['a: new_peer', 'a: remove_peer'])
  })

  test('take a seat away only from the session that has it', () => {
    const rooms = new OwnRooms(3)
    rooms.enter(tea, member('a', 'in', 'old'), {})
    rooms.enter(tea, member('a', 'in', 'new'), {})
    leave(rooms, tea, 'a', 'old')
    expect(rooms.find(tea)?.members.size).toBe(1)
    leave(rooms, tea, 'a', 'new')
    expect([rooms.find(tea), rooms.size]).toEqual([undefined, 0])
  })
})

test('a bucket tells whether so many tokens are there, and takes none', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 0)
  expect([bucket.has(5, 0), bucket.has(5, 0), bucket.has(6, 0)]).toEqual([true, true, false])
  bucket.tryTake(5, 0)
  expect([bucket.has(1, 99), bucket.has(1, 100)]).toEqual([false, true])
})

describe('the sessions of one address', () => {
  const refused = [{ type: 'close', code: 'overloaded' }, 'remote']

  test('are as many as may be, and each that ends makes room for one more', async () => {
    const { greet } = rawHub({ limits: { sessionsPerAddress: 2 } })
    const guests = [await greet({ type: 'hello', ...person() }), await greet({ type: 'hello', ...person() })]
    for (let round = 0; round < 4; round += 1) {
      expect((await greet({ type: 'hello', ...person() })).heard).toEqual(refused)
      await guests.shift()?.say({ type: 'bye' })
      guests.push(await greet({ type: 'hello', ...person() }))
      expect(guests.at(-1)?.heard).toMatchObject([{ type: 'welcome' }])
    }
  })

  test('that are without a line make room, the one that is so for longest first, and none that is back', async () => {
    const { greet, events } = rawHub({ limits: { sessionsPerAddress: 3 } })
    const people = [person(), person(), person()]
    const guests = []
    for (const who of people) guests.push(await greet({ type: 'hello', ...who }))
    for (const guest of guests) await guest.cut()
    const [first, second, third] = guests.map(({ session }) => session)
    await greet({ type: 'resume', ...(people[0] as (typeof people)[0]), session: first as never, received: 0 })
    const ended = () => events.flatMap((event) => (event.type === 'session_ended' ? [[event.session, event.code]] : []))
    await greet({ type: 'hello', ...person() })
    expect(ended()).toEqual([[second, 'silent']])
    await greet({ type: 'hello', ...person() })
    expect(ended().slice(1)).toEqual([[third, 'silent']])
    expect((await greet({ type: 'hello', ...person() })).heard).toEqual(refused)
  })
  test('do not count as begun anew when there is no place for them', async () => {
    const { greet, hub } = rawHub({ limits: { sessionsPerAddress: 1 } })
    const [who, resume] = [person(), { type: 'resume', session: 'x'.repeat(22) as SessionId, received: 0 } as const]
    expect((await greet({ ...resume, ...who })).heard).toMatchObject([{ type: 'welcome', recovered: false }])
    expect((await greet({ ...resume, ...person() })).heard).toEqual(refused)
    expect(hub.counters.resumesLost).toBe(1)
  })
})
