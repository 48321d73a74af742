import type { PeerId, RoomId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { networkOf } from '../src/hub/network.ts'
import { Reservations } from '../src/hub/reservations.ts'
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
})

test('a place is kept for each member until it is given up, in each room by itself', () => {
  const [tea, coffee] = ['tea', 'coffee'] as [RoomId, RoomId]
  const [ada, bob] = ['a', 'b'].map((letter) => letter.repeat(22)) as [PeerId, PeerId]
  const places = new Reservations()
  places.add(tea, ada)
  places.add(tea, ada)
  places.add(tea, bob)
  places.add(coffee, bob)
  expect([places.count(tea), places.count(coffee)]).toEqual([2, 1])
  places.remove(tea, ada)
  places.remove(tea, ada)
  places.remove(coffee, ada)
  expect([places.count(tea), places.count(coffee)]).toEqual([1, 1])
  places.remove(tea, bob)
  expect([places.count(tea), places.count(coffee)]).toEqual([0, 1])
})

test('a bucket tells whether so many tokens are there, and takes none', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 0)
  expect([bucket.has(5, 0), bucket.has(5, 0), bucket.has(6, 0)]).toEqual([true, true, false])
  bucket.take(5, 0)
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
})
