import type { PeerId, PeerInfo, Statement } from '@patchbay/protocol'
import { describe, expect, test, vi } from 'vitest'
import { ConversationLink, type ConversationLinkHandlers } from '../src/conversation/conversation-link.ts'
import { Conversation } from '../src/conversation/conversation.ts'
import { ConversationLog } from '../src/conversation/conversation-log.ts'
import { createMessage, react } from '../src/conversation/entry.ts'
import { pastOf } from '../src/conversation/history.ts'
import { OwnStatements } from '../src/conversation/own-statements.ts'
import { Reading, Receipts, Tellers } from '../src/conversation/receipts.ts'
import { StatementBook } from '../src/conversation/statement-book.ts'
import { ChannelError, type LinkPort } from '../src/mesh/index.ts'
import type { RoomEvent, RoomMembership } from '../src/signaling/index.ts'
import { Meeting } from './support/conversation-meeting.ts'
import { counting } from './support/counting.ts'
import { drainMicrotasks, ManualClock } from './support/manual-clock.ts'

const person = (name: string) => ({ id: name as PeerId, name })
const message = (from: string, n: number, text = `${n}`) =>
  createMessage({ key: `${from}/m${n}`, from: from as PeerId, name: from, text, at: n })

test('who has read up to a message has not read what came after it, though history told of it first', () => {
  const log = new ConversationLog()
  const receipts = new Receipts(log)
  const own = (n: number) => createMessage({ key: `O${n}`, from: undefined, name: 'Ada', text: `${n}`, at: n })
  for (let n = 1; n <= 5; n += 1) log.add(own(n))
  // Said after the page was reloaded, then two pages of history, of which the newest comes first.
  receipts.sent('O5')
  receipts.sentBefore(['O3', 'O4'])
  receipts.sentBefore(['O1', 'O2'])
  for (const n of [1, 2, 3]) receipts.received(`O${n}`, 'cyd' as PeerId)
  receipts.readUpTo('O2', 'cyd' as PeerId)
  const read = log.list.flatMap((entry) => (entry.kind === 'message' && entry.read.length > 0 ? [entry.key] : []))
  expect(read).toEqual(['O1', 'O2'])
})

test('the author is told of the newest message that was read, though history tells of older ones later', () => {
  const told: string[] = []
  const reading = new Reading((author, id) => told.push(`${author} ${id}`) > 0)
  const bob = 'bob' as PeerId
  reading.heardBefore(bob, 'm9')
  reading.heardBefore(bob, 'm3')
  reading.readAll()
  reading.heard(bob, 'm10')
  reading.readAll()
  expect(told).toEqual(['bob m9', 'bob m10'])
})

describe('statements', () => {
  const reply = (id: string): Statement => ({ type: 'reply', n: 1, id, to: { by: 'ada' as PeerId, id: 'm0' } })
  const bookOf = () => {
    const log = new ConversationLog()
    return { log, book: new StatementBook(log, (by, id) => `${by}/${id}`) }
  }

  test('about messages that are not here wait for them, the newest 64 of a member', () => {
    const { log, book } = bookOf()
    for (let i = 0; i < 70; i += 1) book.apply(person('eve'), reply(`m${i}`))
    book.apply(person('ada'), { type: 'edit', n: 1, id: 'm1', text: 'new' })
    for (let i = 0; i < 70; i += 1) {
      log.add(message('eve', i))
      book.arrived(`eve/m${i}`)
    }
    log.add(message('ada', 1))
    book.arrived('ada/m1')
    const answers = log.list.filter((entry) => entry.kind === 'message' && entry.replyTo === 'ada/m0')
    expect(answers.map(({ key }) => key)).toEqual(Array.from({ length: 64 }, (_, i) => `eve/m${i + 6}`))
    expect(log.find('ada/m1')?.text).toBe('new')
  })

  test('that wait are forgotten with their member', () => {
    const { log, book } = bookOf()
    book.apply(person('eve'), reply('m1'))
    book.forget('eve' as PeerId)
    log.add(message('eve', 1))
    book.arrived('eve/m1')
    expect(log.find('eve/m1')?.replyTo).toBeUndefined()
  })

  test('of what was taken back change nothing', () => {
    const { log, book } = bookOf()
    log.add(message('eve', 1))
    book.apply(person('eve'), { type: 'delete', n: 1, id: 'm1' })
    book.apply(person('eve'), { type: 'edit', n: 2, id: 'm1', text: 'again' })
    book.apply(person('ada'), { type: 'react', n: 1, to: { by: 'eve' as PeerId, id: 'm1' }, emoji: ['👍'] })
    expect(log.find('eve/m1')).toMatchObject({ text: undefined, reactions: [], edited: false })
  })

  test('of this client are kept: the last thousand, a quarter of a million characters, in parts that fit a message', () => {
    const own = new OwnStatements()
    for (let i = 0; i < 1_100; i += 1) own.add({ type: 'delete', id: `m${i}` })
    const all = []
    for (let after = 0, more = true; more;) {
      const page = own.after(after)
      expect(new TextEncoder().encode(JSON.stringify(page)).length).toBeLessThan(65_536)
      all.push(...page.items)
      after = page.items.at(-1)?.n ?? 0
      more = page.more
    }
    expect(all.map(({ n }) => n)).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 101))
    for (let i = 0; i < 40; i += 1) own.add({ type: 'edit', id: `m${i}`, text: '漢'.repeat(8_000) })
    expect(new TextEncoder().encode(JSON.stringify(own.after(1_138))).length).toBeLessThan(65_536)
    expect(own.after(0).items[0]?.n).toBeGreaterThan(1_100)
  })
})

test('a message has reactions of 64 people, of 24 kinds', () => {
  let reactions: ReturnType<typeof react> = []
  for (let i = 0; i < 70; i += 1) reactions = react(reactions, person(`p${i}`), ['👍'])
  expect(reactions).toMatchObject([{ emoji: '👍', by: { length: 64 } }])
  for (let i = 0; i < 30; i += 1) reactions = react(reactions, person('p0'), ['👍', `${i}`])
  expect(reactions).toHaveLength(2)
  for (let i = 0; i < 30; i += 1) reactions = react(reactions, person(`p${i}`), [`${i}`])
  expect(reactions).toHaveLength(24)
})

test('whoever states without end is cut: 600 messages, or a million characters', () => {
  const clock = new ManualClock()
  const linkOf = () => {
    const port = { ...counting(clock), cut: vi.fn() }
    return {
      port,
      link: new ConversationLink(port as unknown as LinkPort, {} as ConversationLinkHandlers),
    }
  }
  const many = linkOf()
  const long = linkOf()
  expect(Array.from({ length: 600 }, () => many.link.take(64)).every(Boolean)).toBe(true)
  expect(many.port.cut).not.toHaveBeenCalled()
  expect(many.link.take(64)).toBe(false)
  expect(many.port.cut).toHaveBeenCalledOnce()
  expect(Array.from({ length: 140 }, () => long.link.take(8_000)).filter(Boolean)).toHaveLength(131)
  expect(long.port.cut).toHaveBeenCalled()
})

test('whoever makes one connection after another may state, ask and type no more than over a single one', () => {
  const port = { ...counting(new ManualClock()), peer: { id: 'eve', instance: 'i' }, cut: vi.fn() }
  const conversation = new Conversation({ clock: port.clock })
  const connect = () => conversation.attach(port as unknown as LinkPort) as ConversationLink
  const countTaken = (take: (link: ConversationLink) => boolean) =>
    Array.from({ length: 40 }, connect)
      .flatMap((link) => Array.from({ length: 100 }, () => take(link)))
      .filter(Boolean).length
  expect(countTaken((link) => link.take(64))).toBe(600)
  expect(countTaken((link) => link.mayAsk())).toBe(128)
  expect(countTaken((link) => link.mayType())).toBe(20)
})

test.each([
  ['1 200 statements', { type: 'delete', id: 'm1' }, 650, 1_200],
  ['a million characters', { type: 'edit', id: 'm1', text: 'x'.repeat(8_000) }, 8, 131],
] as const)('whoever answers with statements without end is cut: %s', async (_, content, perPage, most) => {
  const port = { ...counting(new ManualClock()), passes: true, has: () => true, cut: vi.fn() }
  port.cut.mockImplementation(() => (port.passes = false))
  const apply = vi.fn<(statement: Statement) => void>()
  const link = new ConversationLink(
    port as unknown as LinkPort,
    {
      cursor: { instance: 'i', n: 0 },
      ask: async (request) => {
        const after = request.type === 'statements' ? request.after : 0
        return { items: Array.from({ length: perPage }, (__, i) => ({ ...content, n: after + i + 1 })), more: true }
      },
      apply,
      wantsHistory: () => undefined,
      resumed: () => {},
    } as Partial<ConversationLinkHandlers> as ConversationLinkHandlers,
  )
  for (let i = 0; i < 5; i += 1) {
    link.heard({ type: 'delete', n: 2 ** 40, id: 'm1' })
    await drainMicrotasks()
  }
  expect(port.cut).toHaveBeenCalledOnce()
  expect(apply).toHaveBeenCalledTimes(most)
})

test('one who was away for all that a page keeps of its statements gets them, and cuts nobody', async () => {
  const own = new OwnStatements()
  for (let i = 0; i < 1_000; i += 1)
    own.add({ type: 'react', to: { by: 'A'.repeat(22) as PeerId, id: 'm1' }, emoji: [] })
  const port = { ...counting(new ManualClock()), passes: true, has: () => true, cut: vi.fn() }
  const apply = vi.fn<(statement: Statement) => void>()
  const link = new ConversationLink(
    port as unknown as LinkPort,
    {
      cursor: { instance: 'i', n: 0 },
      ask: async (request) => own.after(request.type === 'statements' ? request.after : 0),
      apply,
      wantsHistory: () => undefined,
      resumed: () => {},
    } as Partial<ConversationLinkHandlers> as ConversationLinkHandlers,
  )
  link.beat()
  await drainMicrotasks()
  expect([apply.mock.calls.length, port.cut.mock.calls.length]).toEqual([1_000, 0])
})

describe('history', () => {
  const tellersOf = (first: readonly PeerId[], newcomers: readonly PeerId[] = [], clock = new ManualClock()) => {
    let tell: (event: RoomEvent) => void = () => {}
    const onEvent = (listener: typeof tell) => {
      tell = listener
      return () => {}
    }
    const getSnapshot = () => ({ status: 'joined' })
    const tellers = new Tellers({ onEvent, getSnapshot, subscribe: () => () => {} } as unknown as RoomMembership, clock)
    for (const id of first) tell({ type: 'peer_joined', peer: { id } as PeerInfo, newcomer: false })
    for (const id of newcomers) tell({ type: 'peer_joined', peer: { id } as PeerInfo, newcomer: true })
    return tellers
  }

  test('has every message, without its reactions where these would not fit in an answer', () => {
    const names = {
      keyOf: (by: PeerId, id: string) => `${by}/${id}`,
      refOf: (key: string) => ({ by: key.slice(0, key.indexOf('/')) as PeerId, id: key.slice(key.indexOf('/') + 1) }),
    }
    const by = Array.from({ length: 64 }, (_, i) => person(`${i}`.padStart(22, 'p')))
    const reactions = ['👍', '🎉', '👀', '🚀', '💡', '🙂', '🙁', '🔥'].map((emoji) => ({ emoji, by }))
    const long = { ...message('ada', 1, '\u0001'.repeat(8_000)), reactions }
    const short = { ...message('ada', 2, 'hello'), reactions: reactions.slice(0, 1) }
    const last = pastOf([long, short], undefined, names)
    expect(last).toMatchObject({ items: [{ id: 'm2', reactions: [{ emoji: '👍' }] }], more: true })
    const before = pastOf([long, short], 'ada/m2', names)
    expect(before).toMatchObject({ items: [{ id: 'm1', text: long.text }], more: false })
    expect(new TextEncoder().encode(JSON.stringify(before)).length).toBeLessThan(60_000)
  })

  test('is asked of three who were there first, and of another when one of them goes', () => {
    const first = ['a', 'b', 'c', 'd', 'e'] as PeerId[]
    const tellers = tellersOf(first, ['late' as PeerId])
    const asked = () => first.filter((id) => tellers.take(id) !== undefined)
    expect(tellers.take('late' as PeerId)).toBeUndefined()
    expect(asked()).toEqual(['a', 'b', 'c'])
    tellers.release('b' as PeerId)
    expect(asked()).toEqual(['b'])
  })

  test('is asked of another after 20 s where one takes its time, and of no more when it has told everything', async () => {
    const first = ['a', 'b', 'c', 'd', 'e', 'f'] as PeerId[]
    const clock = new ManualClock()
    const tellers = tellersOf(first, [], clock)
    const ask = () => first.flatMap((id) => tellers.take(id) ?? [])
    const [slow, ...others] = ask()
    for (const told of others) Object.assign(told, { messages: 1, isOver: true })
    await clock.advance(19_999)
    expect(ask()).toHaveLength(0)
    await clock.advance(1)
    const [fourth] = ask()
    expect(fourth).toBeDefined()
    for (const told of [slow, fourth]) Object.assign(told ?? {}, { messages: 1, isOver: true })
    await clock.advance(60_000)
    expect(ask()).toHaveLength(0)
  })

  test.each([
    ['cannot tell it is asked once', 'failed', 1],
    ['is gone for a moment is asked again', 'gone', 5],
  ] as const)('of one who %s', async (_, code, times) => {
    const port = { ...counting(new ManualClock()), passes: true, has: () => true } as unknown as LinkPort
    const isAsked = vi.fn<() => void>()
    let hasPlace = true
    const link = new ConversationLink(port, {
      cursor: { instance: 'i', n: 0 },
      ask: async ({ type }) => {
        if (type === 'statements') return { items: [], more: false }
        isAsked()
        throw new ChannelError(code)
      },
      wantsHistory: () => {
        const told = hasPlace ? { messages: 0, size: 0, parts: 0, oldest: undefined } : undefined
        hasPlace = false
        return told
      },
      historyMissed: () => (hasPlace = true),
      resumed: () => {},
    } as Partial<ConversationLinkHandlers> as ConversationLinkHandlers)
    for (let i = 0; i < 5; i += 1) {
      link.beat()
      await drainMicrotasks()
    }
    expect(isAsked).toHaveBeenCalledTimes(times)
  })

  test.each([
    ['that is busy now and then is 500 messages', 4, 500, 6],
    ['that is always busy is asked for 64 times', 0, 0, 64],
  ] as const)('of a member %s, also over several connections', async (_, pages, count, times) => {
    const port = { ...counting(new ManualClock()), passes: true, has: () => true } as unknown as LinkPort
    const eve = 'eve' as PeerId
    const tellers = tellersOf([eve])
    const isAsked = vi.fn<() => void>()
    const told: string[] = []
    let n = 0
    for (let connection = 0; connection < 4; connection += 1) {
      const link = new ConversationLink(port, {
        cursor: { instance: 'i', n: 0 },
        ask: async (request) => {
          if (request.type === 'statements') return { items: [], more: false }
          isAsked()
          if (isAsked.mock.calls.length % (pages + 1) === 0) throw new ChannelError('busy')
          expect(request.before?.id).toBe(told.at(-100))
          const by = 'B'.repeat(22)
          const items = Array.from({ length: 100 }, () => ({ by, id: `m${(n += 1)}`, name: 'Bob', at: 1, text: 'hi' }))
          return { items, more: true }
        },
        wantsHistory: () => tellers.take(eve),
        historyMissed: () => tellers.release(eve),
        history: (messages) => told.push(...messages.map(({ id }) => id)),
        resumed: () => {},
      } as Partial<ConversationLinkHandlers> as ConversationLinkHandlers)
      for (let i = 0; i < 20; i += 1) {
        link.beat()
        await drainMicrotasks()
      }
    }
    expect([told.length, isAsked.mock.calls.length]).toEqual([count, times])
  })
})

test('what a statement shows to be missing, while its author is asked for something else, is asked for after', async () => {
  const port = { ...counting(new ManualClock()), passes: true, has: () => true } as unknown as LinkPort
  const asked: string[] = []
  let answer = (_: unknown) => {}
  const link = new ConversationLink(port, {
    cursor: { instance: 'i', n: 0 },
    ask: async ({ type }) => {
      asked.push(type)
      if (type === 'statements') return { items: [], more: false }
      return new Promise((resolve) => (answer = resolve))
    },
    wantsHistory: () => (asked.length === 1 ? { messages: 0, size: 0, parts: 0, oldest: undefined } : undefined),
    resumed: () => {},
  } as Partial<ConversationLinkHandlers> as ConversationLinkHandlers)
  link.beat()
  await drainMicrotasks()
  link.heard({ type: 'delete', n: 2, id: 'x' })
  answer({ items: [], more: false })
  await drainMicrotasks()
  link.beat()
  await drainMicrotasks()
  expect(asked).toEqual(['statements', 'history', 'statements'])
})

test('one who asks without end gets no answers', async () => {
  const meeting = new Meeting()
  await meeting.enter('ada')
  const eve = await meeting.enter('eve', { plain: true })
  const raw = eve.mesh.channel('patchbay:conversation')
  const ask = () => raw.request({ type: 'history' }, eve.idOf('ada')).catch(() => 'refused')
  const answers = []
  for (let i = 0; i < 200; i += 1) answers.push(await Promise.all([ask(), meeting.pass(10)]))
  expect(answers.filter(([answer]) => answer === 'refused').length).toBeGreaterThan(50)
})

test.each<[string, unknown]>([
  ['no object', 7],
  ['of no type', {}],
  ['of a type from elsewhere', { type: 'constructor' }],
  ['an edit without a text', { type: 'edit', n: 1, id: 'x' }],
  ['an edit with half a character', { type: 'edit', n: 1, id: 'x', text: '\ud800' }],
  ['numbered from nothing', { type: 'delete', n: 0, id: 'x' }],
  ['a reaction that is a word', { type: 'react', n: 1, to: { by: 'A'.repeat(22), id: 'x' }, emoji: ['lol'] }],
  ['many reactions', { type: 'react', n: 1, to: { by: 'A'.repeat(22), id: 'x' }, emoji: Array(9).fill('👍') }],
])('a message that is %s is passed over', async (_, value) => {
  const meeting = new Meeting()
  const ada = await meeting.enter('ada')
  const eve = await meeting.enter('eve', { plain: true })
  eve.mesh.channel('patchbay:conversation').send(value)
  await meeting.pass(100)
  eve.mesh.chat.send('hello')
  await meeting.pass(100)
  expect(ada.texts()).toEqual(['hello'])
})
