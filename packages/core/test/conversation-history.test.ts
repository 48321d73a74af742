import { createInstanceId, type PeerId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { Meeting, type Participant } from './support/conversation-meeting.ts'

const earlierOf = (person: Participant) => person.messages().map(({ earlier }) => earlier?.name)

test('who comes late gets what was said, as it is now, from those who were there', async () => {
  const meeting = new Meeting()
  const ada = await meeting.enter('ada')
  const bob = await meeting.enter('bob')
  ada.conversation.send('one')
  await meeting.pass(100)
  bob.conversation.send('two', { replyTo: bob.key('one') })
  ada.conversation.react(ada.key('one'), '👍')
  bob.conversation.send('three')
  await meeting.pass(100)
  bob.conversation.edit(bob.key('three'), '3')
  bob.conversation.send('four')
  await meeting.pass(100)
  bob.conversation.delete(bob.key('four'))
  await meeting.pass(100)
  const cyd = await meeting.enter('cyd')
  expect(cyd.texts()).toEqual(['one', 'two', '3', undefined])
  expect(cyd.find('two').replyTo).toBe(cyd.key('one'))
  expect(cyd.find('one').reactions).toEqual([{ emoji: '👍', by: [{ id: cyd.idOf('ada'), name: 'ada' }] }])
  expect(cyd.find('3')).toMatchObject({ edited: true, name: 'bob', from: cyd.idOf('bob') })
  expect(earlierOf(cyd).every((name) => name === 'ada' || name === 'bob')).toBe(true)
  // What the author states from now on counts.
  bob.conversation.edit(bob.key('3'), 'III')
  cyd.conversation.send('new')
  await meeting.pass(100)
  expect(cyd.texts()).toEqual(['one', 'two', 'III', undefined, 'new'])
  expect([ada, bob].map((person) => person.texts())).toEqual(Array(2).fill(cyd.texts()))
})

test('who reloads gets the conversation back, and goes on with what is their own', async () => {
  const meeting = new Meeting()
  const ada = await meeting.enter('ada')
  const cyd = await meeting.enter('cyd')
  const bob = await meeting.enter('bob')
  bob.conversation.send('mine')
  await meeting.pass(100)
  ada.conversation.send('hers')
  ada.conversation.markRead()
  await meeting.pass(2_000)
  bob.leave()
  await meeting.pass(1_000)
  const again = await meeting.enter('bob', { secret: bob.secret, instance: createInstanceId() })
  expect(again.texts()).toEqual(['mine', 'hers'])
  expect(again.find('mine')).toMatchObject({ from: undefined, read: [again.idOf('ada')] })
  expect(again.find('mine').received.toSorted()).toEqual(['ada', 'cyd'].map(again.idOf).toSorted())
  expect(again.conversation.edit(again.key('mine'), 'mine!')).toBe('sent')
  await meeting.pass(100)
  expect([ada, cyd].map((person) => person.texts())).toEqual(Array.from({ length: 2 }, () => ['mine!', 'hers']))
})

test('whose last message everyone has read knows that after a reload, also of those who tell nothing', async () => {
  const meeting = new Meeting()
  const ada = await meeting.enter('ada')
  const others = []
  for (const name of ['bob', 'cyd', 'dan', 'eve']) others.push(await meeting.enter(name))
  for (const text of ['one', 'two']) ada.conversation.send(text)
  await meeting.pass(2_000)
  for (const { conversation } of others) conversation.markRead()
  await meeting.pass(1_000)
  ada.leave()
  await meeting.pass(1_000)
  const again = await meeting.enter('ada', { secret: ada.secret, instance: createInstanceId() })
  await meeting.pass(1_000)
  const { received, read } = again.find('two')
  expect([received.length, read.length]).toEqual([4, 4])
  expect(again.find('one').read, 'those who have told of it').toHaveLength(3)
})

test('what was said to nobody has reached those who come later', async () => {
  const meeting = new Meeting()
  const ada = await meeting.enter('ada')
  ada.conversation.send('anyone?')
  await meeting.pass(1_000)
  expect(ada.find('anyone?').received).toEqual([])
  const bob = await meeting.enter('bob')
  expect(bob.texts()).toEqual(['anyone?'])
  expect(ada.find('anyone?')).toMatchObject({ received: [ada.idOf('bob')], read: [] })
  bob.conversation.markRead()
  await meeting.pass(100)
  expect(ada.find('anyone?').read).toEqual([ada.idOf('bob')])
})

test.each<[string, { history?: boolean }, { history?: boolean }]>([
  ['one who gives none', { history: false }, {}],
  ['one who wants none', {}, { history: false }],
])('nothing is passed on with %s', async (_, first, second) => {
  const meeting = new Meeting()
  const ada = await meeting.enter('ada', first)
  ada.conversation.send('before')
  const bob = await meeting.enter('bob', second)
  ada.conversation.send('after')
  await meeting.pass(100)
  expect(bob.texts()).toEqual(['after'])
})

test('history is the last 500 messages, however many there are, in order', async () => {
  const meeting = new Meeting()
  const ada = await meeting.enter('ada')
  for (let i = 0; i < 700; i += 1) {
    expect(ada.conversation.send(`${i}`)).toBe('sent')
    await meeting.pass(60)
  }
  const bob = await meeting.enter('bob')
  expect(bob.texts()).toEqual(Array.from({ length: 500 }, (_, i) => `${i + 200}`))
  expect(ada.messages().filter(({ received }) => received.length > 0)).toHaveLength(500)
})

test('history is at most about a quarter of a million characters', async () => {
  const meeting = new Meeting()
  const ada = await meeting.enter('ada')
  for (let i = 0; i < 60; i += 1) {
    expect(ada.conversation.send(`${i} ${'漢'.repeat(7_900)}`)).toBe('sent')
    await meeting.pass(500)
  }
  const bob = await meeting.enter('bob')
  await meeting.pass(20_000)
  const size = bob.texts().reduce((sum, text) => sum + (text?.length ?? 0), 0)
  expect(size).toBeGreaterThan(240_000)
  expect(size).toBeLessThan(290_000)
  expect(bob.texts().at(-1)).toMatch(/^59 /)
})

/** A member who answers what it wants. */
async function lies(meeting: Meeting, items: (ids: { self: PeerId }) => unknown, more = false) {
  const eve = await meeting.enter('eve', { mute: true })
  let asked = 0
  eve.mesh.channel('patchbay:conversation').onRequest((value) => {
    if ((value as { type: string }).type === 'statements') return { items: [], more: false }
    asked += 1
    return { items: items({ self: eve.client.self as PeerId }), more }
  })
  return { eve, asked: () => asked }
}

const past = (n: number, by = 'B'.repeat(22)) => ({ by, id: `m${n}`, name: 'Bob', at: n, text: `${n}` })

test('who was there first asks nobody who comes later: a newcomer cannot make up what was said', async () => {
  const meeting = new Meeting()
  const ada = await meeting.enter('ada')
  const { asked } = await lies(meeting, () => [past(1)])
  await meeting.pass(5_000)
  expect([asked(), ada.texts()]).toEqual([0, []])
  const bob = await meeting.enter('bob')
  await meeting.pass(5_000)
  expect([asked(), bob.texts()]).toEqual([1, ['1']])
})

test('whoever passes on without end is heard to a bound, and what cannot be read is left out', async () => {
  const meeting = new Meeting()
  let n = 0
  const { asked } = await lies(
    meeting,
    () => [{ at: 'never' }, null, ...Array.from({ length: 90 }, () => past((n += 1)))],
    true,
  )
  const ada = await meeting.enter('ada')
  expect(ada.messages()).toHaveLength(500)
  expect(ada.messages()[0]).toMatchObject({ name: 'Bob', earlier: { name: 'eve' } })
  expect(asked()).toBe(6)
})

test('an emoji, somebody who has put it there, and somebody who is meant are there once, whatever is told', async () => {
  const meeting = new Meeting()
  const cleo = { id: 'C'.repeat(22), name: 'Cleo' }
  const dan = { id: 'D'.repeat(22), name: 'Dan' }
  const reactions = [
    { emoji: '👍', by: [cleo, dan, cleo] },
    { emoji: '🎉', by: [dan] },
    { emoji: '👍', by: [cleo, dan, dan] },
  ]
  await lies(meeting, () => [{ ...past(1), reactions, mentions: [cleo.id, dan.id, cleo.id] }])
  const ada = await meeting.enter('ada')
  expect(ada.find('1')).toMatchObject({
    mentions: [cleo.id, dan.id],
    reactions: [
      { emoji: '👍', by: [cleo, dan] },
      { emoji: '🎉', by: [dan] },
    ],
  })
})

test('a message is told also where its link has a title that is not taken, without it', async () => {
  const meeting = new Meeting()
  await lies(meeting, () => [{ ...past(1), link: { url: 'ftp://a.example', title: 'A' } }])
  const ada = await meeting.enter('ada')
  expect(ada.find('1').link).toBeUndefined()
})

test('what somebody says counts more than what another has told of it before', async () => {
  const meeting = new Meeting()
  const { eve } = await lies(meeting, () => [past(1)])
  const ada = await meeting.enter('ada')
  expect(ada.find('1').earlier).toMatchObject({ name: 'eve' })
  // Bob's own message, which takes longer than what Eve has told of it.
  const by = 'B'.repeat(22) as PeerId
  const own = { kind: 'message', key: `${by}/m1`, from: by, name: 'Bob', text: 'really', at: 5 } as const
  Object.assign(ada.mesh.chat, { getSnapshot: () => [own] })
  eve.mesh.chat.send('anything')
  await meeting.pass(100)
  expect(ada.texts()).toEqual(['really'])
  expect(ada.find('really')).toMatchObject({ earlier: undefined, edited: false })
})

test('what an author tells of its own messages, and states of them, counts more than what another told before', async () => {
  const meeting = new Meeting()
  const { internet } = meeting
  const passes = internet.passes.bind(internet)
  let isApart = true
  internet.passes = (a, b) =>
    !(isApart && [a.page, b.page].includes('bob') && [a.page, b.page].includes('cyd')) && passes(a, b)
  let told: unknown[] = []
  await lies(meeting, () => told)
  const bob = await meeting.enter('bob')
  for (const text of ['one', 'two', 'three', 'four']) bob.conversation.send(text)
  const by = bob.client.self as PeerId
  const of = (id: string, text: string | null) => ({ by, id, name: 'bob', at: Date.now(), text })
  const reacted = { reactions: [{ emoji: '👍', by: [{ id: 'C'.repeat(22), name: 'Cleo' }] }] }
  const [one = '', two = '', three = '', four = ''] = bob.messages().map(({ key }) => key)
  told = [{ ...of(one, 'I owe Eve 100'), ...reacted }, of(two, null), of(three, 'forged'), of(four, 'four')]
  bob.conversation.delete(four)
  const cyd = await meeting.enter('cyd')
  await meeting.pass(10_000)
  expect(cyd.texts()).toEqual(['I owe Eve 100', undefined, 'forged', 'four'])
  isApart = false
  await meeting.pass(30_000)
  expect(cyd.texts()).toEqual(['one', 'two', 'three', undefined])
  expect(earlierOf(cyd)).toEqual(Array(4).fill('bob'))
  expect(cyd.find('one').reactions).toEqual(reacted.reactions)
  expect(bob.find('two').received).toContain(cyd.client.self)
  bob.conversation.edit(two, 'II')
  await meeting.pass(100)
  expect(cyd.texts()).toEqual(['one', 'II', 'three', undefined])
})

test('what an author has of its own messages from others only does not count as its own word', async () => {
  const meeting = new Meeting()
  const { internet } = meeting
  const passes = internet.passes.bind(internet)
  let apart: readonly string[] = []
  internet.passes = (a, b) => !(apart.includes(a.page) && apart.includes(b.page)) && passes(a, b)
  let told: unknown[] = []
  await lies(meeting, () => told)
  const bob = await meeting.enter('bob')
  const ada = await meeting.enter('ada')
  ada.conversation.send('I owe Eve nothing')
  ada.conversation.send('see you at 5')
  await meeting.pass(3_000)
  const by = ada.client.self as PeerId
  told = [
    { by, id: ada.key('I owe Eve nothing'), name: 'ada', at: 1, text: 'I owe Eve 100' },
    { by, id: ada.key('see you at 5'), name: 'ada', at: 2, text: null },
  ]
  ada.leave()
  await meeting.pass(1_000)
  apart = ['ada', 'bob']
  const again = await meeting.enter('ada', { secret: ada.secret, instance: createInstanceId() })
  await meeting.pass(10_000)
  expect([again.texts(), earlierOf(again)]).toEqual([
    ['I owe Eve 100', undefined],
    ['eve', 'eve'],
  ])
  told = []
  apart = ['ada', 'cyd']
  const cyd = await meeting.enter('cyd')
  await meeting.pass(10_000)
  const isTrue = () =>
    expect([cyd.texts(), earlierOf(cyd)]).toEqual([
      ['I owe Eve nothing', 'see you at 5'],
      ['bob', 'bob'],
    ])
  isTrue()
  apart = []
  await meeting.pass(30_000)
  expect(cyd.mesh.getSnapshot().map(({ link }) => link.phase)).toEqual(Array(3).fill('connected'))
  isTrue()
  expect(bob.texts()).toEqual(['I owe Eve nothing', 'see you at 5'])
})

test('an edit by its author brings back what only another has told of as taken back', async () => {
  const meeting = new Meeting()
  let told: unknown[] = []
  await lies(meeting, () => told)
  const bob = await meeting.enter('bob', { history: false })
  bob.conversation.send('mine')
  bob.conversation.send('gone')
  const by = bob.client.self as PeerId
  told = bob.messages().map(({ key }) => ({ by, id: key, name: 'bob', at: 1, text: null }))
  const cyd = await meeting.enter('cyd')
  expect(cyd.texts()).toEqual([undefined, undefined])
  bob.conversation.edit(bob.key('mine'), 'still mine')
  bob.conversation.edit(bob.key('gone'), 'going')
  bob.conversation.delete(bob.key('going'))
  await meeting.pass(100)
  expect(cyd.texts()).toEqual(['still mine', undefined])
})

test('a message that its author has taken back stays so when it comes late, also where another has told of that first', async () => {
  const meeting = new Meeting()
  const eve = await meeting.enter('eve', { mute: true })
  const bob = await meeting.enter('bob', { mute: true })
  const items = [{ by: bob.client.self, id: 'm1', name: 'bob', at: 1, text: null }]
  eve.mesh
    .channel('patchbay:conversation')
    .onRequest((value) => ({ items: (value as { type: string }).type === 'history' ? items : [], more: false }))
  const channel = bob.mesh.channel('patchbay:conversation')
  channel.onRequest(() => ({ items: [], more: false }))
  const ada = await meeting.enter('ada')
  await meeting.pass(3_000)
  expect(ada.texts()).toEqual([undefined])
  channel.send({ type: 'delete', n: 1, id: 'm1' })
  await meeting.pass(500)
  bob.mesh.chat.send('secret', 'm1')
  await meeting.pass(1_000)
  channel.send({ type: 'edit', n: 2, id: 'm1', text: 'secret' })
  await meeting.pass(500)
  expect(ada.texts()).toEqual([undefined])
})

test('what is passed on comes from the past, and replaces nothing that was said here', async () => {
  const meeting = new Meeting()
  const { eve } = await lies(meeting, ({ self }) => [past(8_640_000_000_000_000), past(1, self)])
  const ada = await meeting.enter('ada')
  expect(ada.messages().every(({ at }) => at <= Date.now())).toBe(true)
  eve.mesh.chat.send('really')
  await meeting.pass(100)
  expect(ada.texts().at(-1)).toBe('really')
  expect(ada.find('really').earlier).toBeUndefined()
})

test('reactions to what was told of stay when its author’s own message comes after', async () => {
  const meeting = new Meeting()
  const { internet } = meeting
  const passes = internet.passes.bind(internet)
  let apart: readonly string[] = ['ada', 'bob']
  internet.passes = (a, b) =>
    !(apart.includes(a.page) && b.page === 'cyd') && !(apart.includes(b.page) && a.page === 'cyd') && passes(a, b)
  const ada = await meeting.enter('ada')
  const bob = await meeting.enter('bob')
  const cyd = await meeting.enter('cyd')
  ada.conversation.send('hi')
  await meeting.pass(500)
  bob.conversation.react(bob.key('hi'), '👍')
  await meeting.pass(500)
  apart = ['ada']
  await meeting.pass(12_000)
  expect(cyd.find('hi')).toMatchObject({ earlier: { name: 'bob' }, reactions: [{ emoji: '👍' }] })
  apart = []
  await meeting.pass(30_000)
  expect(cyd.find('hi')).toMatchObject({ earlier: undefined, reactions: [{ emoji: '👍' }] })
})

test('who comes back after a long time asks nobody who may have come meanwhile', async () => {
  const meeting = new Meeting()
  const ada = await meeting.enter('ada')
  meeting.world.reachable = false
  for (const line of ada.lines) line.silence()
  await meeting.pass(140_000)
  meeting.world.reachable = true
  const { asked } = await lies(meeting, () => [past(1)])
  await meeting.pass(10_000)
  expect(ada.mesh.getSnapshot()).toMatchObject([{ link: { phase: 'connected' } }])
  expect([asked(), ada.texts()]).toEqual([0, []])
})

test('what is read while the path is dead is told when it is back', async () => {
  const meeting = new Meeting()
  const ada = await meeting.enter('ada')
  const bob = await meeting.enter('bob')
  ada.conversation.send('hi')
  await meeting.pass(200)
  meeting.internet.dark.add('bob')
  await meeting.pass(4_000)
  bob.conversation.markRead()
  meeting.internet.dark.delete('bob')
  await meeting.pass(20_000)
  expect(ada.find('hi').read).toEqual([ada.idOf('bob')])
})

test('who comes late sees members under the names of their accounts in what was said before, not as they call themselves', async () => {
  const meeting = new Meeting(({ token = '' }) => ({ name: `account ${token}` }))
  const ada = await meeting.enter('The Boss', { token: 'ada' })
  ada.conversation.send('hi')
  ada.conversation.react(ada.key('hi'), '👍')
  await meeting.pass(100)
  const cyd = await meeting.enter('cyd', { token: 'cyd' })
  const id = cyd.idOf('account ada')
  expect(cyd.find('hi')).toMatchObject({
    name: 'account ada',
    reactions: [{ emoji: '👍', by: [{ id, name: 'account ada' }] }],
  })
})
