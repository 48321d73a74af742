import { describe, expect, test, vi } from 'vitest'
import { FakePeerConnection } from './simulator/fake-peer-connection.ts'
import { Meeting } from './support/conversation-meeting.ts'

/** Holds the chat messages that come to a page from another until they are released. */
function holdChats(page: string, from: string) {
  const held: (() => void)[] = []
  const { createDataChannel } = FakePeerConnection.prototype
  const spy = vi.spyOn(FakePeerConnection.prototype, 'createDataChannel')
  spy.mockImplementation(function create(this: FakePeerConnection, label, options) {
    const channel = createDataChannel.call(this, label, options)
    const deliver = channel.deliver.bind(channel)
    channel.deliver = (data) => {
      const isChat = typeof data === 'string' && data.startsWith('{"type":"chat"')
      if (isChat && this.page === page && this.peer?.page === from) held.push(() => deliver(data))
      else deliver(data)
    }
    return channel
  })
  return {
    get count() {
      return held.length
    },
    release() {
      spy.mockRestore()
      for (const deliver of held) deliver()
    },
  }
}

test.each([
  ['somebody else has told of', 'bob'],
  ['the author has told of as it is now', 'ada'],
])('a message that comes late does not undo what its author has made of one that %s', async (_, teller) => {
  const meeting = new Meeting()
  const { internet } = meeting
  const passes = internet.passes.bind(internet)
  let apart: readonly string[] = ['ada', 'bob']
  internet.passes = (a, b) =>
    !([a.page, b.page].includes('cyd') && apart.some((page) => [a.page, b.page].includes(page))) && passes(a, b)
  const ada = await meeting.enter('ada')
  const bob = await meeting.enter('bob')
  bob.conversation.send('question')
  await meeting.pass(100)
  const chats = holdChats('cyd', 'ada')
  const cyd = await meeting.enter('cyd')
  ada.conversation.send('secret')
  ada.conversation.send('typo', { replyTo: ada.key('question') })
  await meeting.pass(500)
  ada.conversation.delete(ada.key('secret'))
  ada.conversation.edit(ada.key('typo'), 'fixed', { mentions: [ada.idOf('bob')] })
  await meeting.pass(500)
  apart = teller === 'ada' ? ['bob'] : ['ada']
  for (let i = 0; i < 300 && cyd.texts().length < 3; i += 1) await meeting.pass(100)
  expect(cyd.find('fixed').earlier).toMatchObject({ name: teller })
  apart = []
  for (let i = 0; i < 300 && chats.count < 2; i += 1) await meeting.pass(100)
  await meeting.pass(300)
  expect(cyd.texts()).toEqual(['question', undefined, 'fixed'])
  chats.release()
  await meeting.pass(1_000)
  expect(cyd.texts()).toEqual(['question', undefined, 'fixed'])
  expect(cyd.find('fixed')).toMatchObject({
    ...{ earlier: undefined, edited: true, replyTo: cyd.key('question') },
    mentions: [cyd.idOf('bob')],
  })
})

test('a deletion that finds the queue to a member full arrives once the queue is empty', async () => {
  const meeting = new Meeting()
  const channels = vi.spyOn(FakePeerConnection.prototype, 'createDataChannel')
  const ada = await meeting.enter('ada')
  const bob = await meeting.enter('bob')
  const pages = (channels.mock.contexts as FakePeerConnection[]).map(({ page }) => page)
  const of = channels.mock.calls.findIndex(([label], i) => label === 'app' && pages[i] === 'ada')
  const queue = channels.mock.results[of]?.value as { bufferedAmount: number }
  channels.mockRestore()
  ada.conversation.send('secret')
  await meeting.pass(500)
  queue.bufferedAmount = 2_000_000
  ada.conversation.delete(ada.key('secret'))
  await meeting.pass(500)
  expect(bob.texts()).toEqual(['secret'])
  queue.bufferedAmount = 0
  await meeting.pass(5_000)
  expect(bob.texts()).toEqual([undefined])
})

describe('who enters gets what was said', () => {
  test('from the one who has it, though three others give none', async () => {
    const meeting = new Meeting()
    for (const name of ['one', 'two', 'three']) await meeting.enter(name, { history: false })
    const ada = await meeting.enter('ada')
    ada.conversation.send('agenda')
    await meeting.pass(1_000)
    const late = await meeting.enter('late')
    await meeting.pass(10_000)
    expect(late.texts()).toEqual(['agenda'])
  })

  test('though many enter together and the one who has it is connected to them last', async () => {
    const meeting = new Meeting()
    const { internet } = meeting
    const passes = internet.passes.bind(internet)
    let isApart = true
    internet.passes = (a, b) => !(isApart && [a.page, b.page].includes('ada')) && passes(a, b)
    const ada = await meeting.enter('ada')
    ada.conversation.send('agenda')
    const people = []
    for (const name of ['one', 'two', 'three', 'four', 'five']) people.push(await meeting.enter(name))
    expect(people.flatMap((person) => person.texts())).toEqual([])
    isApart = false
    await meeting.pass(30_000)
    expect(people.map((person) => person.texts().join(' '))).toEqual(Array(5).fill('agenda'))
  })

  test.each([
    ['from three who tell much each time, however long they take in all', 3, 2_000, 0],
    ['from another besides where three tell one short message each time', 1, 2, 1],
  ])('%s', async (_, count, length, times) => {
    const meeting = new Meeting()
    let n = 0
    let asked = 0
    const item = () => ({ by: 'B'.repeat(22), id: `m${(n += 1)}`, name: 'Bob', at: n, text: 'x'.repeat(length) })
    const part = () => ({ items: Array.from({ length: count }, item), more: true })
    for (const name of ['one', 'two', 'three', 'four']) {
      const { mesh } = await meeting.enter(name, { mute: true })
      mesh.channel('patchbay:conversation').onRequest((value) => {
        if ((value as { type: string }).type === 'statements') return { items: [], more: false }
        if (name === 'four') asked += 1
        return new Promise((resolve) => meeting.world.clock.after(9_000, () => resolve(part())))
      })
    }
    const late = await meeting.enter('late')
    await meeting.pass(54_000)
    expect(late.texts().length).toBeGreaterThan(12 * count)
    expect(Math.min(asked, 1)).toBe(times)
  })
})
