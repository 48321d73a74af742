import { createHostKey, createPeerSecret, type HostKey, type PeerId, type RoomId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { MAX_VERDICTS, type RoomRules, withChange } from '../src/engine/index.ts'
import type { Authorize } from '../src/hub/index.ts'
import { type Person, person, rawHub, room } from './support/raw-hub.ts'
import { type Node, rawNodes } from './support/raw-nodes.ts'

interface Guest {
  readonly id: PeerId
  news(): unknown[]
  say(...said: Parameters<Awaited<ReturnType<ReturnType<typeof rawHub>['join']>>['say']>): Promise<void>
}
type Enter = (name: string, hostKey?: HostKey, who?: Person) => Promise<Guest>

/** One hub, or two nodes that take turns. */
const worlds: Record<string, (authorize?: Authorize) => Promise<Enter>> = {
  'one hub': async (authorize) => {
    const { greet } = rawHub({ authorize })
    return async (name, hostKey, who = person()) => {
      const guest = await greet({ type: 'hello', ...who })
      await guest.say({ type: 'join', room, name, ...(hostKey !== undefined && { hostKey }) })
      return guest
    }
  },
  'two nodes': async (authorize) => {
    const { start, greet } = rawNodes({ authorize })
    const nodes = [await start(), await start()]
    return async (name, hostKey, who = person()) => {
      nodes.reverse()
      const guest = await greet(nodes[0] as Node, { type: 'hello', ...who })
      await guest.say({ type: 'join', room, name, ...(hostKey !== undefined && { hostKey }) })
      return guest
    }
  },
}

const types = (guest: Guest) =>
  guest.news().map((one) => {
    const { type, code } = one as { type: string; code?: string }
    return code ?? type
  })
const lastOf = (guest: Guest) => guest.news().at(-1)

describe.each(Object.entries(worlds))('in a room of %s', (_, world) => {
  test('the first one who shows a key is the host, and so is whoever shows it later; nobody else', async () => {
    const enter = await world()
    const key = createHostKey()
    const bob = await enter('Bob')
    const ada = await enter('Ada', key)
    const eve = await enter('Eve', createHostKey())
    expect(lastOf(ada)).toMatchObject({ type: 'new_peer' })
    const [, roster] = eve.news()
    expect(roster).toMatchObject({ type: 'peers' })
    expect(roster).not.toHaveProperty('host')
    const again = await enter('Ada', key)
    expect(lastOf(again)).toMatchObject({ type: 'peers', host: true })
    const shown = bob.news().map((one) => (one as { peer?: { name: string; host?: boolean } }).peer)
    expect(shown.map((peer) => peer && [peer.name, peer.host])).toEqual([
      undefined,
      undefined,
      ['Ada', true],
      ['Eve', undefined],
      ['Ada', true],
    ])
  })

  test('whoever comes to a locked room knocks, and is in once a host has admitted it', async () => {
    const enter = await world()
    const ada = await enter('Ada', createHostKey())
    const bob = await enter('Bob')
    await ada.say({ type: 'lock', room, locked: true })
    expect(lastOf(bob)).toEqual({ type: 'lock', room, locked: true })
    const who = person()
    const cyd = await enter('Cyd', createHostKey(), who)
    expect(types(cyd)).toEqual(['welcome', 'room_locked'])
    expect(lastOf(ada)).toEqual({ type: 'knock', room, peer: { id: cyd.id, name: 'Cyd' } })
    expect(bob.news(), 'others hear nothing').toEqual([])
    await ada.say({ type: 'admit', room, to: cyd.id })
    await cyd.say({ type: 'join', room, name: 'Cyd' })
    expect(lastOf(cyd)).toMatchObject({ type: 'peers', locked: true })
    await ada.say({ type: 'lock', room, locked: false })
    expect(types(await enter('Dan'))).toEqual(['welcome', 'peers'])
  })

  test('a member that is removed is out everywhere, and stays out under its id until it is admitted', async () => {
    const enter = await world()
    const ada = await enter('Ada', createHostKey())
    const who = person()
    const bob = await enter('Bob', undefined, who)
    const cyd = await enter('Cyd')
    for (const one of [ada, bob, cyd]) one.news()
    await ada.say({ type: 'remove', room, to: bob.id })
    expect(types(bob)).toEqual(['removed'])
    for (const one of [ada, cyd])
      expect(one.news()).toEqual([{ type: 'remove_peer', room, peer: bob.id, reason: 'left' }])
    expect(types(await enter('Bob', undefined, who))).toEqual(['welcome', 'removed'])
    await ada.say({ type: 'admit', room, to: bob.id })
    expect(types(await enter('Bob', undefined, who))).toEqual(['welcome', 'peers'])
  })

  test('nobody but a host changes anything, and not about another host or from outside', async () => {
    const enter = await world()
    const key = createHostKey()
    const ada = await enter('Ada', key)
    const host = await enter('Ada again', key)
    const bob = await enter('Bob')
    for (const one of [ada, host, bob]) one.news()
    await bob.say({ type: 'lock', room, locked: true }, { type: 'remove', room, to: ada.id })
    await bob.say({ type: 'admit', room, to: ada.id })
    expect(types(bob)).toEqual(['not_host', 'not_host', 'not_host'])
    await ada.say({ type: 'remove', room, to: host.id })
    expect(ada.news()).toEqual([{ type: 'error', code: 'not_host', room, to: host.id }])
    await ada.say({ type: 'leave', room }, { type: 'lock', room, locked: true })
    expect(types(ada)).toEqual(['not_in_room'])
    expect(types(host)).toEqual(['remove_peer'])
  })

  test('members of a locked room come back as they like, and it is open again once it was empty', async () => {
    const enter = await world()
    const ada = await enter('Ada', createHostKey())
    const who = person()
    const bob = await enter('Bob', undefined, who)
    await ada.say({ type: 'lock', room, locked: true })
    // With another session: its page was loaded again.
    expect(types(await enter('Bob', undefined, who)).slice(0, 2)).toEqual(['welcome', 'peers'])
    await bob.say({ type: 'bye' })
    await ada.say({ type: 'leave', room })
    const last = await enter('Bob', undefined, who)
    await last.say({ type: 'leave', room })
    expect(types(await enter('Cyd', createHostKey()))).toEqual(['welcome', 'peers'])
  })

  test('where authorize is asked, it says who is a host, and keys make none', async () => {
    const secret = createPeerSecret()
    const host = secret.slice(0, 22)
    const enter = await world(({ peer }) => (peer === host ? { host: (one) => one === room } : {}))
    const ada = await enter('Ada', createHostKey())
    expect(lastOf(ada)).not.toHaveProperty('host')
    const bob = await enter('Bob', undefined, { ...person(), secret })
    expect(lastOf(bob)).toMatchObject({ type: 'peers', host: true })
    await bob.say({ type: 'lock', room, locked: true })
    expect(lastOf(ada)).toEqual({ type: 'lock', room, locked: true })
  })
})

describe('on two nodes', () => {
  const start = async (options: Parameters<typeof rawNodes>[0] = {}) => {
    const world = rawNodes({ limits: { heartbeatMs: 8e7, deadMs: 8.5e7, slowMs: 8e7 }, ...options })
    const [one, two] = [await world.start(), await world.start()]
    const key = createHostKey()
    const enter = async (node: Node, name: string, hostKey?: HostKey, who = person()) => {
      const guest = await world.greet(node, { type: 'hello', ...who })
      await guest.say({ type: 'join', room, name, ...(hostKey !== undefined && { hostKey }) })
      return guest
    }
    return { ...world, one, two, key, enter }
  }

  test('a member that was lost is removed for all, gives its place up, and finds that out', async () => {
    const { clock, store, greet, one, two, key, enter } = await start()
    const ada = await enter(one, 'Ada', key)
    const bob = await enter(two, 'Bob')
    const cyd = await enter(two, 'Cyd')
    await bob.cut()
    await clock.advance(7_000)
    for (const guest of [ada, cyd]) expect(lastOf(guest)).toMatchObject({ type: 'remove_peer', reason: 'lost' })
    await ada.say({ type: 'remove', room, to: bob.id })
    for (const guest of [ada, cyd])
      expect(guest.news()).toEqual([{ type: 'remove_peer', room, peer: bob.id, reason: 'left' }])
    const back = await greet(one, { type: 'resume', ...bob.who, session: bob.session, received: 2 })
    expect(types(back).slice(-1)).toEqual(['removed'])
    for (const guest of [ada, cyd, back]) await guest.say({ type: 'bye' })
    expect(store.seats).toEqual([])
  })

  test('a member whose node is shutting down is removed at once', async () => {
    const { store, one, two, key, enter } = await start()
    const ada = await enter(one, 'Ada', key)
    const bob = await enter(two, 'Bob')
    two.hub.drain(0)
    await ada.say({ type: 'remove', room, to: bob.id })
    expect(lastOf(ada)).toEqual({ type: 'remove_peer', room, peer: bob.id, reason: 'left' })
    await ada.say({ type: 'bye' })
    expect(store.seats).toEqual([])
  })

  test('whoever comes first after the store has lost everything is host for a moment at most', async () => {
    const { clock, store, one, two, key, enter } = await start()
    const ada = await enter(one, 'Ada', key)
    const bob = await enter(two, 'Bob')
    await ada.say({ type: 'lock', room, locked: true })
    await clock.advance(5_000)
    store.restart()
    const eve = await enter(two, 'Eve', createHostKey())
    await clock.advance(8_000)
    for (const guest of [ada, bob, eve]) guest.news()
    await eve.say({ type: 'lock', room, locked: false })
    expect(types(eve)).toEqual(['not_host'])
    expect(types(await enter(two, 'Dan', createHostKey()))).toEqual(['welcome', 'room_locked'])
    expect(lastOf(ada)).toMatchObject({ type: 'knock' })
  })

  test('a token that makes no host any more counts while a room is entered too', async () => {
    let isHost = true
    const { clock, greet, one } = await start({ authorize: () => ({ host: isHost }) })
    const ada = await greet(one, { type: 'hello', ...person(), token: 'a' })
    one.trouble.delayMs = 100
    await ada.say({ type: 'join', room, name: 'Ada' })
    isHost = false
    await ada.say({ type: 'renew_token', token: 'b' })
    await clock.advance(1_000)
    one.trouble.delayMs = 0
    ada.news()
    await ada.say({ type: 'lock', room, locked: true })
    expect(types(ada)).toEqual(['not_host'])
  })

  test('a member that was lost when the room was locked comes back with another session', async () => {
    const { clock, one, two, key, enter } = await start()
    const ada = await enter(one, 'Ada', key)
    const who = person()
    const bob = await enter(two, 'Bob', undefined, who)
    await bob.cut()
    await clock.advance(8_000)
    await ada.say({ type: 'lock', room, locked: true })
    expect(types(await enter(one, 'Bob', undefined, { ...who, instance: person().instance })).at(-1)).toBe('peers')
  })
})

const untimed = { heartbeatMs: 80_000_000, deadMs: 85_000_000, slowMs: 80_000_000 }
const lasting = {
  'one hub': async () => rawHub({ limits: untimed }),
  'two nodes': async () => {
    const { clock, start, greet } = rawNodes({ limits: untimed })
    const nodes = [await start(), await start()]
    return {
      clock,
      greet: (hello: Parameters<typeof greet>[1]) => {
        nodes.reverse()
        return greet(nodes[0] as Node, hello)
      },
    }
  },
}

test.each(Object.entries(lasting))(
  'in %s nobody becomes host of people who have none, except soon after a restart, when the host may be back later',
  async (_, world) => {
    const { clock, greet } = await world()
    const enter = async (name: string, in_: RoomId, hostKey?: HostKey) => {
      const guest = await greet({ type: 'hello', ...person() })
      await guest.say({ type: 'join', room: in_, name, ...(hostKey !== undefined && { hostKey }) })
      return guest
    }
    const other = 'other' as RoomId
    await enter('Bob', room)
    await clock.advance(119_000)
    expect(lastOf(await enter('Ada', room, createHostKey()))).toMatchObject({ type: 'peers', host: true })
    await enter('Bob', other)
    await clock.advance(2_000)
    const eve = await enter('Eve', other, createHostKey())
    expect(lastOf(eve)).not.toHaveProperty('host')
    await clock.advance(20_000)
    await eve.say({ type: 'lock', room: other, locked: true })
    expect(types(eve)).toEqual(['not_host'])
  },
)

test('a host that is another after its renewal hears of it, and so do the others', async () => {
  let isHost = true
  const { greet, join } = rawHub({ authorize: ({ token }) => (token === 'host' ? { host: isHost } : {}) })
  const ada = await greet({ type: 'hello', ...person(), token: 'host' })
  await ada.say({ type: 'join', room, name: 'Ada' })
  const bob = await join('Bob')
  for (const one of [ada, bob]) one.news()
  isHost = false
  await ada.say({ type: 'renew_token', token: 'host' })
  expect(ada.news()).toMatchObject([{ type: 'peers', peers: [{ name: 'Bob' }] }, { type: 'token_renewed' }])
  expect(bob.news()).toMatchObject([{ type: 'peer_update', peer: { name: 'Ada' } }])
  await ada.say({ type: 'lock', room, locked: true })
  expect(types(ada)).toEqual(['not_host'])
})

test('a host is told of 32 who knock at once and 10 a second after that; of 12 and 3 from one network', async () => {
  const { clock, greet } = rawHub({ limits: untimed })
  const enter = async (hostKey?: HostKey, address?: string) => {
    const guest = await greet({ type: 'hello', ...person() }, 'raw', address)
    await guest.say({ type: 'join', room, name: 'Ada', ...(hostKey !== undefined && { hostKey }) })
    return guest
  }
  const ada = await enter(createHostKey())
  await ada.say({ type: 'lock', room, locked: true })
  ada.news()
  const knock = async (count: number, network: (i: number) => string) => {
    for (let i = 0; i < count; i += 1) await enter(undefined, network(i))
    return types(ada).filter((type) => type === 'knock').length
  }
  const many = (i: number) => `10.0.0.${i}`
  expect(await knock(50, many)).toBe(32)
  await clock.advance(1_000)
  expect(await knock(20, many)).toBe(10)
  await clock.advance(5_000)
  const one = (i: number) => `2001:db8::${i}`
  expect(await knock(20, one)).toBe(12)
  await clock.advance(1_000)
  expect(await knock(20, one)).toBe(3)
  expect(await knock(3, (i) => `10.0.1.${i}`), 'others are heard beside them').toBe(3)
  await clock.advance(10_000)
  const leaving = async () => {
    for (let i = 0; i < 20; i += 1) await (await enter(undefined, '10.9.9.9')).say({ type: 'bye' })
    return types(ada).filter((type) => type === 'knock').length
  }
  expect(await leaving(), 'who leaves in between').toBe(12)
  await clock.advance(10_000)
  expect(await knock(20, (i) => `broker/${i}`), 'lines of one broker').toBe(12)
})

test('a room keeps 256 verdicts, the newest, each peer once', () => {
  let rules: RoomRules | undefined
  const say = (peer: string, verdict: 'admitted' | 'removed') => {
    rules = withChange(rules, { type: 'verdict', peer: peer as PeerId, verdict }, () => [])
  }
  for (let i = 0; i <= MAX_VERDICTS; i += 1) say(`peer ${i}`, 'removed')
  say('peer 5', 'admitted')
  const kept = Object.entries(rules?.verdicts ?? {})
  expect(kept).toHaveLength(MAX_VERDICTS)
  expect(kept[0]).toEqual(['peer 1', 'removed'])
  expect(kept.at(-1)).toEqual(['peer 5', 'admitted'])
})

test('a host that is none any more stays in its locked room, also with another session', async () => {
  let isHost = true
  const authorize: Authorize = ({ token }) => ({ host: token === 'head' || isHost })
  const { greet } = rawHub({ authorize })
  const [ada, who] = [await greet({ type: 'hello', ...person(), token: 'head' }), person()]
  await ada.say({ type: 'join', room, name: 'Ada' }, { type: 'lock', room, locked: true })
  const bob = await greet({ type: 'hello', ...who, token: 'one' })
  await bob.say({ type: 'join', room, name: 'Bob' })
  isHost = false
  await bob.say({ type: 'renew_token', token: 'two' })
  const again = await greet({ type: 'hello', ...who, instance: person().instance, token: 'two' })
  await again.say({ type: 'join', room, name: 'Bob' })
  const roster = lastOf(again)
  expect(roster).toMatchObject({ type: 'peers', locked: true })
  expect(roster).not.toHaveProperty('host')
})
