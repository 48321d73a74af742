import { describe, expect, test } from 'vitest'
import { createEngine } from '../src/engine/index.ts'
import type { Grant, Refusal } from '../src/hub/index.ts'
import { person, room } from './support/raw-hub.ts'
import { brief, namesIn, rawNodes } from './support/raw-nodes.ts'

/** Lines here answer no heartbeat: none is to end for it. */
const UNTIMED = { heartbeatMs: 8e7, deadMs: 8.5e7, slowMs: 8e7 }

describe('two nodes', () => {
  test('share a room: each member sees the other, and signals go both ways', async () => {
    const { start, join } = rawNodes()
    const [one, two] = [await start(), await start()]
    const ada = await join(one, 'Ada')
    const bob = await join(two, 'Bob')
    expect(brief(ada.news())).toEqual(['welcome', 'peers', 'new_peer Bob here'])
    const [, peers] = bob.news()
    expect(namesIn(peers)).toEqual(['Ada'])
    await ada.say({ type: 'offer', room, to: bob.id, body: 'v=0' })
    expect(bob.news()).toMatchObject([{ type: 'offer', room, from: ada.id }])
    await bob.say({ type: 'answer', room, to: ada.id, body: 'v=0' })
    expect(ada.news()).toMatchObject([{ type: 'answer', room, from: bob.id }])
    await bob.say({ type: 'leave', room })
    expect(brief(ada.news())).toEqual(['remove_peer left'])
    await ada.say({ type: 'offer', room, to: bob.id, body: 'v=0' })
    expect(brief(ada.news())).toEqual(['error unknown_peer'])
  })

  test('have one capacity, and keep the place of a member that is lost', async () => {
    const { start, join, clock } = rawNodes({ limits: { peersPerRoom: 2, ...UNTIMED } })
    const [one, two] = [await start(), await start()]
    const ada = await join(one, 'Ada')
    const bob = await join(two, 'Bob')
    expect(brief((await join(one, 'Cyd')).news())).toEqual(['welcome', 'error room_full'])
    await bob.cut()
    await clock.advance(7_000)
    expect(brief(ada.news()).slice(2)).toEqual(['new_peer Bob here', 'peer_update Bob away', 'remove_peer lost'])
    expect(brief((await join(one, 'Dee')).news())).toEqual(['welcome', 'error room_full'])
    await ada.say({ type: 'message', room, to: bob.id, body: 'while you were away' })
    expect(ada.news()).toEqual([])
    await clock.advance(115_000)
    expect(brief((await join(one, 'Eli')).news())).toEqual(['welcome', 'peers'])
  })

  test('a session is resumed through the other node, with what it has missed, and lives on where it was', async () => {
    const { start, join, greet } = rawNodes({ limits: UNTIMED })
    const [one, two] = [await start(), await start()]
    const ada = await join(one, 'Ada')
    const bob = await join(one, 'Bob')
    await ada.cut()
    await bob.say({ type: 'message', room, to: ada.id, body: 'missed' })
    const back = await greet(two, { type: 'resume', ...ada.who, session: ada.session, received: 2 })
    const news = back.news()
    expect(news[0]).toMatchObject({ type: 'welcome', recovered: true, session: ada.session })
    expect(brief(news).slice(1)).toEqual(['message'])
    expect([one.hub.stats().sessions, two.hub.stats().sessions]).toEqual([2, 0])
    await back.say({ type: 'message', room, to: bob.id, body: 'here again' })
    expect(brief(bob.news()).slice(-2)).toEqual(['peer_update Ada here', 'message'])
    await back.cut()
    expect(brief(bob.news())).toEqual(['peer_update Ada away'])
  })

  test('a line may pass on to the other node what a session may send, and no more', async () => {
    const { start, join, greet } = rawNodes({ limits: { ...UNTIMED, messages: { perSecond: 1, burst: 10 } } })
    const [one, two] = [await start(), await start()]
    const ada = await join(one, 'Ada')
    await ada.cut()
    const back = await greet(two, { type: 'resume', ...ada.who, session: ada.session, received: 1 })
    back.news()
    await back.say(...Array.from({ length: 100 }, () => ({ type: 'leave', room: `${room}2` as typeof room }) as const))
    expect(brief(back.news())).toEqual(['close rate_limited', 'remote'])
    // It was refused where it came in.
    expect(two.events).toContainEqual(expect.objectContaining({ type: 'line_refused', code: 'rate_limited' }))
  })

  test('a page that was reloaded takes its own session over, whichever node it reaches', async () => {
    const { start, join, greet } = rawNodes({ limits: UNTIMED })
    const [one, two] = [await start(), await start()]
    const bob = await join(one, 'Bob')
    const ada = await join(one, 'Ada')
    bob.news()
    const again = { ...ada.who, instance: person().instance }
    const later = await greet(two, { type: 'hello', ...again })
    expect(later.news()).toMatchObject([{ type: 'welcome', recovered: false }])
    expect(brief(ada.news()).slice(-2)).toEqual(['close superseded', 'remote'])
    await later.say({ type: 'join', room, name: 'Ada' })
    expect(brief(bob.news())).toEqual(['remove_peer left', 'new_peer Ada here'])
    expect([one.hub.stats().sessions, two.hub.stats().sessions]).toEqual([2, 0])
    const third = await greet(two, { type: 'hello', ...ada.who, instance: person().instance })
    expect(third.news()).toMatchObject([{ type: 'welcome', recovered: false }])
    expect(brief(later.news()).slice(-2)).toEqual(['close superseded', 'remote'])
    expect([one.hub.stats().sessions, two.hub.stats().sessions]).toEqual([2, 0])
  })

  test('frames of a node of another version are dropped and counted, and everything else goes on', async () => {
    const { start, join, store, clock, settle } = rawNodes({ limits: UNTIMED })
    const [one, two] = [await start(), await start()]
    const [ada, bob] = [await join(one, 'Ada'), await join(two, 'Bob')]
    const other = createEngine({ store: store.connect(), clock })
    const nothing = () => {}
    void other.start({ frame: nothing, room: nothing, nodes: nothing, health: nothing, reset: nothing, gap: nothing })
    await settle()
    const frames = [
      '',
      'z of another version',
      'r',
      `r${ada.id}{"type":"offer"}`,
      `r${ada.id}v=0`,
      'x{',
      'x{"code":"?"}',
    ]
    for (const frame of frames) other.send(one.id, frame)
    await settle()
    expect([one, two].map(({ hub }) => hub.counters.framesDropped)).toEqual([frames.length, 0])
    ada.news()
    await bob.say({ type: 'offer', room, to: ada.id, body: 'v=0' })
    expect(brief(ada.news())).toEqual(['offer'])
  })

  test('joining, leaving and joining again at once is answered, and the room is as it was asked for last', async () => {
    const { start, join, greet } = rawNodes()
    const [one, two] = [await start(), await start()]
    const bob = await join(two, 'Bob')
    const ada = await greet(one, { type: 'hello', ...person() })
    const [come, go] = [{ type: 'join', room, name: 'Ada' } as const, { type: 'leave', room } as const]
    await ada.say(come, go, come)
    expect(brief(ada.news()).filter((news) => news === 'peers').length).toBeGreaterThan(0)
    await bob.say({ type: 'offer', room, to: ada.id, body: 'v=0' })
    expect(brief(ada.news())).toEqual(['offer'])
    await ada.say(go, come, go)
    bob.news()
    await bob.say({ type: 'offer', room, to: ada.id, body: 'v=0' })
    expect(brief(bob.news())).toEqual(['error unknown_peer'])
  })

  test('who is refused has no home, and a line that is passed on is told when its node shuts down', async () => {
    const { start, join, greet, store, settle } = rawNodes({
      authorize({ token }): Grant | Refusal {
        return token === 'no' ? { refused: 'unauthorized' } : {}
      },
      limits: UNTIMED,
    })
    const [one, two] = [await start(), await start()]
    const refused = await greet(one, { type: 'hello', ...person(), token: 'no' })
    expect(brief(refused.news())).toEqual(['close unauthorized', 'remote'])
    expect(store.homes).toBe(0)
    const ada = await join(one, 'Ada')
    await ada.cut()
    const back = await greet(two, { type: 'resume', ...ada.who, session: ada.session, received: 1 })
    expect(brief(back.news())).toEqual(['welcome'])
    two.hub.drain(0)
    await two.hub.close()
    await settle()
    expect(brief(back.news())).toEqual(['close restarting', 'remote'])
    expect(one.hub.stats().sessions).toBe(1)
  })

  test('a node that dies takes its members with it within 4 s, and their sessions begin anew at the other', async () => {
    const { start, join, greet, clock } = rawNodes({ limits: UNTIMED })
    const [one, two] = [await start(), await start()]
    const bob = await join(two, 'Bob')
    const ada = await join(one, 'Ada')
    await clock.advance(5_000)
    bob.news()
    one.trouble.isCut = true
    await clock.advance(4_000)
    expect(brief(bob.news())).toEqual(['remove_peer lost'])
    const again = await greet(two, { type: 'resume', ...ada.who, session: ada.session, received: 2 })
    expect(again.news()).toMatchObject([{ type: 'welcome', recovered: false }])
    await again.say({ type: 'join', room, name: 'Ada' })
    expect(brief(bob.news())).toEqual(['new_peer Ada here'])
  })

  test('the store forgets everything: nobody is removed, and everybody is known again', async () => {
    const { start, join, clock, store } = rawNodes({ limits: UNTIMED })
    const [one, two] = [await start(), await start()]
    const ada = await join(one, 'Ada')
    const bob = await join(two, 'Bob')
    await clock.advance(5_000)
    for (const guest of [ada, bob]) guest.news()
    store.restart()
    await clock.advance(8_000)
    expect([brief(ada.news()), brief(bob.news())]).toEqual([[], []])
    await ada.say({ type: 'offer', room, to: bob.id, body: 'v=0' })
    expect(brief(bob.news())).toEqual(['offer'])
    const cyd = await join(two, 'Cyd')
    expect(namesIn(cyd.news()[1]).toSorted()).toEqual(['Ada', 'Bob'])
    expect(brief(ada.news())).toEqual(['new_peer Cyd here'])
  })

  test('while the store is away the room goes on inside each node, joins are asked to wait, and all is equal after', async () => {
    const { start, join, clock } = rawNodes({ limits: UNTIMED })
    const [one, two] = [await start(), await start()]
    const ada = await join(one, 'Ada')
    const cyd = await join(one, 'Cyd')
    const bob = await join(two, 'Bob')
    await clock.advance(5_000)
    for (const guest of [ada, bob, cyd]) guest.news()
    for (const { trouble } of [one, two]) trouble.isCut = true
    await clock.advance(10_000)
    await ada.say({ type: 'message', room, to: cyd.id, body: 'still here' })
    expect(brief(cyd.news())).toEqual(['peer_update Bob away', 'message'])
    expect(brief((await join(two, 'Dee')).news())).toEqual(['welcome', 'error busy'])
    await cyd.say({ type: 'leave', room })
    for (const { trouble } of [one, two]) trouble.isCut = false
    await clock.advance(5_000)
    expect(brief(ada.news())).toEqual(['peer_update Bob away', 'remove_peer left', 'peer_update Bob here'])
    expect(brief(bob.news()).toSorted()).toEqual([
      'peer_update Ada away',
      'peer_update Ada here',
      'peer_update Cyd away',
      'remove_peer left',
    ])
    const dee = await join(two, 'Dee')
    expect(namesIn(dee.news()[1]).toSorted()).toEqual(['Ada', 'Bob'])
  })

  test('what is sent to a member of another node while the store is away is refused to the sender, or comes after', async () => {
    const { start, join, clock } = rawNodes({ limits: UNTIMED })
    const [one, two] = [await start(), await start()]
    const ada = await join(one, 'Ada')
    const bob = await join(two, 'Bob')
    for (const guest of [ada, bob]) guest.news()
    one.trouble.isCut = true
    await ada.say({ type: 'message', room, to: bob.id, body: 'before anybody knows' })
    await clock.advance(2_000)
    expect(one.hub.cluster?.isUp).toBe(false)
    await ada.say({ type: 'message', room, to: bob.id, body: 'when it is known' })
    expect(brief(ada.news())).toEqual(['error peer_busy'])
    one.trouble.isCut = false
    await clock.advance(3_000)
    expect(brief(bob.news()).filter((line) => line === 'message')).toHaveLength(1)
  })

  test('members of a node that died long ago are not shown again when another cannot reach the store for a moment', async () => {
    const { start, join, clock } = rawNodes({ limits: UNTIMED })
    const [one, two] = [await start(), await start()]
    const ada = await join(one, 'Ada')
    await join(two, 'Bob')
    two.trouble.isCut = true
    await clock.advance(600_000)
    expect(brief(ada.news()).at(-1)).toBe('remove_peer lost')
    one.trouble.isCut = true
    await clock.advance(5_000)
    one.trouble.isCut = false
    await clock.advance(10_000)
    expect(ada.news()).toEqual([])
  })

  test('while the store hangs, each of many who join is answered after 2 s', async () => {
    const { start, join, greet, clock } = rawNodes({ limits: UNTIMED })
    const one = await start()
    await join(one, 'Ada')
    const guests = await Promise.all(Array.from({ length: 6 }, () => greet(one, { type: 'hello', ...person() })))
    for (const guest of guests) guest.news()
    one.trouble.delayMs = 1e9
    await Promise.all(guests.map((guest) => guest.say({ type: 'join', room, name: 'Bob' })))
    await clock.advance(2_100)
    expect(guests.map((guest) => brief(guest.news()))).toEqual(guests.map(() => ['error busy']))
  })

  test('a peer whose page is being judged stays at home, though another page of it leaves meanwhile', async () => {
    let answer: ((grant: Grant) => void) | undefined
    let isSlow = false
    const authorize = () => (isSlow ? new Promise<Grant>((resolve) => (answer = resolve)) : {})
    const { start, greet, store, settle } = rawNodes({ limits: UNTIMED, authorize })
    const [one, two] = [await start(), await start()]
    const who = person()
    const first = await greet(one, { type: 'hello', ...who })
    isSlow = true
    const second = await greet(one, { type: 'hello', ...who, instance: person().instance })
    await first.say({ type: 'bye' })
    expect(store.homes).toBe(1)
    answer?.({})
    isSlow = false
    await settle()
    expect(brief(second.news())).toEqual(['welcome'])
    await greet(two, { type: 'hello', ...who, instance: person().instance })
    expect(brief(second.news())).toEqual(['close superseded', 'remote'])
  })

  test('a peer whose home could not be asked for once has one a moment later', async () => {
    const { start, greet, store, clock } = rawNodes({ limits: UNTIMED })
    const connect = store.connect.bind(store)
    let failures = 0
    store.connect = () => {
      const connected = connect()
      const claim: typeof connected.claim = async (...args) => {
        if ((failures -= 1) >= 0) throw new Error('That part of the store cannot be reached.')
        return connected.claim(...args)
      }
      return { ...connected, claim }
    }
    const one = await start()
    failures = 2
    await greet(one, { type: 'hello', ...person() })
    expect(store.homes).toBe(0)
    await clock.advance(1_100)
    expect(store.homes).toBe(0)
    await clock.advance(1_100)
    expect(store.homes).toBe(1)
  })

  test('a node that shuts down moves its members: nobody is told that they are gone', async () => {
    const { start, join, greet, clock } = rawNodes({ limits: UNTIMED })
    const [one, two] = [await start(), await start()]
    const bob = await join(two, 'Bob')
    const ada = await join(one, 'Ada')
    const cyd = await join(one, 'Cyd')
    bob.news()
    one.hub.drain(0)
    await one.hub.close()
    await clock.advance(2_000)
    expect(brief(ada.news()).slice(-2)).toEqual(['close restarting', 'remote'])
    const again = await greet(two, { type: 'resume', ...ada.who, session: ada.session, received: 2 })
    await again.say({ type: 'join', room, name: 'Ada' })
    await clock.advance(8_000)
    const told = brief(bob.news())
    expect(told.slice(0, 3)).toEqual(['peer_update Ada away', 'peer_update Cyd away', 'peer_update Ada here'])
    expect(told.slice(3), 'who has not come is lost').toEqual(['remove_peer lost'])
    expect(cyd.id).not.toBe(ada.id)
  })

  test('a node that shuts down tells nobody to come later than the others wait, however long the span', async () => {
    const { start, join, greet, clock } = rawNodes({ limits: UNTIMED, random: () => 1 })
    const [one, two] = [await start(), await start()]
    const bob = await join(two, 'Bob')
    const ada = await join(one, 'Ada')
    bob.news()
    one.hub.drain(30_000)
    await one.hub.close()
    const { retryAfterMs } = ada.news().find(({ type }) => type === 'close') ?? {}
    expect(retryAfterMs).toBe(5_000)
    await clock.advance(retryAfterMs as number)
    const again = await greet(two, { type: 'resume', ...ada.who, session: ada.session, received: 2 })
    await again.say({ type: 'join', room, name: 'Ada' })
    await clock.advance(8_000)
    expect(brief(bob.news())).toEqual(['peer_update Ada away', 'peer_update Ada here'])
  })

  test('who was on a node that was shut down, and has not come back, is in no preview of the room', async () => {
    const { start, join, clock } = rawNodes({ limits: UNTIMED })
    const [one, two] = [await start(), await start()]
    await join(one, 'Ada')
    const look = async () => {
      const looking = two.hub.look(room)
      await clock.advance(5)
      return looking
    }
    expect(await look()).toEqual({ names: ['Ada'] })
    one.hub.drain(0)
    await one.hub.close()
    await clock.advance(10_000)
    expect(await look()).toBeUndefined()
  })

  test('the room is called what the first one in it calls it, also for those on another node who would call it something', async () => {
    const { start, greet } = rawNodes()
    const [one, two] = [await start(), await start()]
    const titles: unknown[] = []
    for (const [node, name, title] of [
      [one, 'Ada', undefined],
      [two, 'Bob', 'of Bob'],
      [two, 'Cyd', undefined],
    ] as const) {
      const guest = await greet(node, { type: 'hello', ...person() })
      await guest.say({ type: 'join', room, name, ...(title !== undefined && { title }) })
      titles.push(guest.news().find(({ type }) => type === 'peers')?.title)
    }
    expect(titles).toEqual([undefined, undefined, undefined])
  })

  test('a node that is closed waits for nobody any more', async () => {
    const { start, join, clock } = rawNodes({ limits: UNTIMED })
    const [one, two] = [await start(), await start()]
    await join(one, 'Ada')
    const bob = await join(two, 'Bob')
    one.hub.drain(0)
    await one.hub.close()
    await clock.advance(1_000)
    await two.hub.close()
    bob.news()
    await clock.advance(10_000)
    expect(brief(bob.news())).toEqual([])
  })
})

test('a join that is asked for again before its answer is counted once', async () => {
  const { clock, start, greet } = rawNodes()
  const one = await start()
  const ada = await greet(one, { type: 'hello', ...person() })
  one.trouble.delayMs = 100
  const join = { type: 'join', room, name: 'Ada' } as const
  await ada.say(join, join, join)
  await clock.advance(1_000)
  expect(ada.news().filter(({ type }) => type === 'peers')).toHaveLength(3)
  expect(one.hub.counters.joins).toBe(1)
})
