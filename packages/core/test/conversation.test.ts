import { describe, expect, test } from 'vitest'
import { Meeting } from './support/conversation-meeting.ts'

/** Some people who are connected to each other. */
async function meet(...names: string[]) {
  const meeting = new Meeting()
  const people = []
  for (const name of names) people.push(await meeting.enter(name))
  return { meeting, people: people as [(typeof people)[0], (typeof people)[0], ...typeof people] }
}

/** Names of those who have put an emoji on a message. */
const reactors = (message: { readonly reactions: readonly { emoji: string; by: readonly { name: string }[] }[] }) =>
  message.reactions.map(({ emoji, by }) => [emoji, ...by.map(({ name }) => name)])

describe('what is said of a message', () => {
  test('reaches everyone: which one it answers, its new text, and that it was taken back', async () => {
    const { meeting, people } = await meet('ada', 'bob', 'cyd')
    const [ada, bob, cyd] = people
    ada.conversation.send('shall we?')
    await meeting.pass(100)
    expect(bob.conversation.send('yes', { replyTo: bob.key('shall we?') })).toBe('sent')
    await meeting.pass(100)
    expect(cyd?.find('yes').replyTo).toBe(cyd?.key('shall we?'))
    expect(ada.find('yes').replyTo).toBe(ada.key('shall we?'))
    expect(bob.conversation.edit(bob.key('yes'), 'yes!')).toBe('sent')
    await meeting.pass(100)
    expect([ada, bob, cyd].map((person) => [person?.texts(), person?.messages().at(-1)?.edited])).toEqual(
      Array.from({ length: 3 }, () => [['shall we?', 'yes!'], true]),
    )
    expect(ada.conversation.delete(ada.key('shall we?'))).toBe('sent')
    await meeting.pass(100)
    expect([ada, bob, cyd].map((person) => person?.texts())).toEqual(
      Array.from({ length: 3 }, () => [undefined, 'yes!']),
    )
  })

  test('says whom it means, also once it is edited, and to those who come later', async () => {
    const { meeting, people } = await meet('ada', 'bob', 'cyd')
    const [ada, bob, cyd] = people
    const [bobId, cydId] = [ada.idOf('bob'), ada.idOf('cyd')]
    ada.conversation.send('@bob, look', { mentions: [bobId, bobId] })
    await meeting.pass(100)
    for (const person of people) expect(person.find('@bob, look').mentions).toEqual([bobId])
    cyd?.conversation.send('yes, @bob', { replyTo: cyd.key('@bob, look'), mentions: [bobId] })
    ada.conversation.edit(ada.key('@bob, look'), '@cyd, look', { mentions: [cydId] })
    await meeting.pass(100)
    expect(bob.find('@cyd, look').mentions).toEqual([cydId])
    expect(bob.find('yes, @bob')).toMatchObject({ mentions: [bobId], replyTo: bob.key('@cyd, look') })
    ada.conversation.delete(ada.key('@cyd, look'))
    await meeting.pass(100)
    expect(bob.messages()[0]).toMatchObject({ text: undefined, mentions: [] })
    const many = Array.from({ length: 20 }, (_, i) => `${i}`.padEnd(22, 'A') as typeof bobId)
    ada.conversation.send('all of you', { mentions: many })
    await meeting.pass(100)
    expect(bob.find('all of you').mentions).toEqual(many.slice(0, 16))
    ada.leave()
    const dan = await meeting.enter('dan')
    expect(dan.find('all of you').mentions).toEqual(many.slice(0, 16))
  })

  test('gives a link of its text a title, as long as the link is there, and to those who come later', async () => {
    const { meeting, people } = await meet('ada', 'bob')
    const [ada] = people
    const link = { url: 'https://www.w3.org/TR/webrtc/', title: 'WebRTC: Real-Time Communication in Browsers' }
    const text = `see ${link.url}`
    for (const wrong of [
      { ...link, url: 'https://elsewhere.example/' },
      { ...link, title: 'https://bank.example' },
      { ...link, title: 'a\u202Eb' },
      { ...link, url: 'see' },
      { ...link, url: 'https://www.w3.org/TR' },
    ])
      expect(ada.conversation.send(text, { link: wrong })).toBe('invalid')
    expect(ada.texts()).toEqual([])
    expect(ada.conversation.send(text, { link })).toBe('sent')
    await meeting.pass(100)
    for (const person of people) expect(person.find(text).link).toEqual(link)
    ada.conversation.edit(ada.key(text), 'see there')
    await meeting.pass(100)
    for (const person of people) expect(person.find('see there').link).toBeUndefined()
    // For good.
    ada.conversation.edit(ada.key('see there'), `back: ${link.url}`)
    await meeting.pass(100)
    for (const person of people) expect(person.find(`back: ${link.url}`).link).toBeUndefined()
    ada.conversation.send(text, { link })
    await meeting.pass(100)
    ada.leave()
    const cyd = await meeting.enter('cyd')
    expect(cyd.find(text).link).toEqual(link)
  })

  test('gives a link a title that its author alone says, and that is not of another address', async () => {
    const { meeting, people } = await meet('ada', 'bob')
    const [ada, bob] = people
    ada.conversation.send('mine https://a.example')
    bob.conversation.send('his https://b.example')
    await meeting.pass(100)
    const raw = bob.mesh.channel('patchbay:conversation')
    const state = (n: number, key: string, url: string) => raw.send({ type: 'link', n, id: key, url, title: 'A title' })
    state(1, ada.key('mine https://a.example'), 'https://a.example')
    state(2, bob.key('his https://b.example'), 'https://a.example')
    await meeting.pass(100)
    expect(ada.messages().map(({ link }) => link)).toEqual([undefined, undefined])
    state(3, bob.key('his https://b.example'), 'https://b.example')
    await meeting.pass(100)
    expect(ada.find('his https://b.example').link).toEqual({ url: 'https://b.example', title: 'A title' })
    raw.send({ type: 'link', n: 4, id: bob.key('his https://b.example'), url: 'https://b.example', title: 'Another' })
    await meeting.pass(100)
    expect(ada.find('his https://b.example').link?.title).toBe('Another')
  })

  test('is not sent once the room was left', async () => {
    const { meeting, people } = await meet('ada', 'bob')
    const [ada, bob] = people
    ada.conversation.send('hello')
    await meeting.pass(100)
    ada.leave()
    const key = ada.key('hello')
    const { conversation } = ada
    const outcomes = [conversation.send('too late'), conversation.edit(key, 'bye'), conversation.react(key, '👍')]
    expect([...outcomes, conversation.delete(key)]).toEqual(['left', 'left', 'left', 'left'])
    await meeting.pass(100)
    expect([ada, bob].map((person) => person.texts())).toEqual([['hello'], ['hello']])
  })

  test('is not sent when there is no room to say whom it means', async () => {
    const { people } = await meet('ada', 'bob')
    const [ada] = people
    ada.conversation.send('x')
    for (let i = 0; i < 99; i += 1) ada.conversation.react(ada.key('x'), '👍')
    const about = { replyTo: ada.key('x'), mentions: [ada.idOf('bob')] }
    expect(ada.conversation.send('one too many', about)).toBe('too_fast')
    expect(ada.conversation.send('@bob', { mentions: about.mentions })).toBe('sent')
    expect(ada.texts()).toEqual(['x', '@bob'])
  })

  test('is said by its author only', async () => {
    const { meeting, people } = await meet('ada', 'bob', 'cyd')
    const [ada, bob, cyd] = people
    ada.conversation.send('mine')
    await meeting.pass(100)
    expect(bob.conversation.edit(bob.key('mine'), 'yours')).toBe('invalid')
    expect(bob.conversation.delete(bob.key('mine'))).toBe('invalid')
    const raw = bob.mesh.channel('patchbay:conversation')
    const id = ada.key('mine')
    raw.send({ type: 'edit', n: 1, id, text: 'yours' })
    raw.send({ type: 'delete', n: 2, id })
    await meeting.pass(100)
    expect([ada.texts(), cyd?.texts()]).toEqual([['mine'], ['mine']])
  })

  test('with emoji adds up, is taken back by the same one, and ends with the message', async () => {
    const { meeting, people } = await meet('ada', 'bob', 'cyd')
    const [ada, bob, cyd] = people
    ada.conversation.send('done')
    await meeting.pass(100)
    bob.conversation.react(bob.key('done'), '🎉')
    await meeting.pass(100)
    cyd?.conversation.react(cyd.key('done'), '🎉')
    cyd?.conversation.react(cyd.key('done'), '👍')
    await meeting.pass(100)
    for (const person of people)
      expect(reactors(person.find('done'))).toEqual([
        ['🎉', 'bob', 'cyd'],
        ['👍', 'cyd'],
      ])
    cyd?.conversation.react(cyd.key('done'), '🎉')
    await meeting.pass(100)
    expect(reactors(ada.find('done'))).toEqual([
      ['🎉', 'bob'],
      ['👍', 'cyd'],
    ])
    ada.conversation.delete(ada.key('done'))
    await meeting.pass(100)
    expect(bob.messages().at(-1)?.reactions).toEqual([])
    expect(bob.conversation.react(bob.messages().at(-1)?.key ?? '', '👍')).toBe('invalid')
  })

  test('while a connection is silent comes when it is back', async () => {
    const { meeting, people } = await meet('ada', 'bob')
    const [ada, bob] = people
    ada.conversation.send('one')
    ada.conversation.send('two')
    await meeting.pass(2_000)
    meeting.internet.dark.add('bob')
    await meeting.pass(5_000)
    expect(ada.mesh.getSnapshot()[0]?.link.phase).toBe('healing')
    ada.conversation.edit(ada.key('one'), 'one!')
    ada.conversation.edit(ada.key('two'), 'two!')
    await meeting.pass(5_000)
    expect(bob.texts()).toEqual(['one', 'two'])
    meeting.internet.dark.delete('bob')
    await meeting.pass(15_000)
    expect(bob.texts()).toEqual(['one!', 'two!'])
  })

  test('to one whose page has no conversation changes nothing there, and chat goes on', async () => {
    const meeting = new Meeting()
    const ada = await meeting.enter('ada')
    const old = await meeting.enter('old', { plain: true })
    ada.conversation.send('hello')
    await meeting.pass(100)
    ada.conversation.edit(ada.key('hello'), 'hallo')
    old.mesh.chat.send('hi')
    await meeting.pass(3_000)
    expect(ada.texts()).toEqual(['hallo', 'hi'])
    const said = old.mesh.chat.getSnapshot().flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []))
    expect(said).toEqual(['hello', 'hi'])
    expect(ada.find('hallo').received).toEqual([ada.idOf('old')])
  })
})

describe('who has a message', () => {
  test('is nobody while one is alone, and whoever has confirmed it', async () => {
    const meeting = new Meeting()
    const ada = await meeting.enter('ada')
    ada.conversation.send('anyone?')
    await meeting.pass(3_000)
    expect(ada.find('anyone?').received).toEqual([])
    const bob = await meeting.enter('bob', { history: false })
    expect(ada.find('anyone?')).toMatchObject({ received: [], alone: true })
    ada.conversation.send('hello')
    await meeting.pass(3_000)
    expect(ada.find('hello').received).toEqual([ada.idOf('bob')])
    expect(ada.find('hello').alone).toBeUndefined()
    expect(ada.find('hello').read).toEqual([])
    bob.conversation.markRead()
    await meeting.pass(100)
    expect(ada.find('hello').read).toEqual([ada.idOf('bob')])
    expect(ada.find('anyone?')).toMatchObject({ received: [], read: [] })
  })

  test('has read everything before it as well', async () => {
    const { meeting, people } = await meet('ada', 'bob')
    const [ada, bob] = people
    for (const text of ['one', 'two', 'three']) ada.conversation.send(text)
    await meeting.pass(100)
    bob.conversation.markRead()
    ada.conversation.send('four')
    await meeting.pass(2_000)
    expect(ada.messages().map(({ read }) => read.length)).toEqual([1, 1, 1, 0])
    expect(ada.messages().map(({ received }) => received.length)).toEqual([1, 1, 1, 1])
  })
})

test('who is typing is seen by the others, until they send or change something, stop, or fall silent', async () => {
  const { meeting, people } = await meet('ada', 'bob')
  const [ada, bob] = people
  const typing = () => bob.conversation.getSnapshot().typing
  ada.conversation.setTyping(true)
  await meeting.pass(100)
  expect(typing()).toEqual([bob.idOf('ada')])
  ada.conversation.send('there')
  await meeting.pass(100)
  expect(typing()).toEqual([])
  ada.conversation.setTyping(true)
  await meeting.pass(100)
  expect(typing()).toEqual([bob.idOf('ada')])
  ada.conversation.edit(ada.key('there'), 'here')
  await meeting.pass(100)
  expect(typing()).toEqual([])
  ada.conversation.setTyping(true)
  await meeting.pass(100)
  ada.conversation.setTyping(false)
  await meeting.pass(100)
  expect(typing()).toEqual([])
  ada.conversation.setTyping(true)
  await meeting.pass(5_000)
  expect(typing()).toEqual([bob.idOf('ada')])
  await meeting.pass(1_500)
  expect(typing()).toEqual([])
})

test('whoever says without end that they type, and that they do not, is seen to do so now and then', async () => {
  const { meeting, people } = await meet('ada', 'bob')
  const [ada, bob] = people
  const raw = ada.mesh.channel('patchbay:typing', { delivery: 'latest' })
  let changes = 0
  bob.conversation.subscribe(() => (changes += 1))
  for (let i = 0; i < 1_000; i += 1) {
    raw.send(i % 2 === 0)
    await meeting.pass(1)
  }
  // The path takes 4 s for all of them.
  await meeting.pass(10_000)
  expect(changes).toBeGreaterThan(20)
  expect(changes).toBeLessThan(40)
  expect(bob.conversation.getSnapshot().typing).toEqual([])
})

test('what is said of a message is said of that one, though another is sent while it is shown', async () => {
  const { meeting, people } = await meet('ada', 'bob')
  const [ada, bob] = people
  ada.conversation.send('question')
  await meeting.pass(100)
  const stop = ada.mesh.chat.subscribe(() => {
    stop()
    ada.mesh.chat.send('echo')
  })
  ada.conversation.send('answer', { replyTo: ada.key('question'), mentions: [ada.idOf('bob')] })
  await meeting.pass(100)
  expect(bob.texts()).toEqual(['question', 'answer', 'echo'])
  expect(bob.find('answer')).toMatchObject({ replyTo: bob.key('question'), mentions: [ada.idOf('bob')] })
  expect(bob.find('echo')).toMatchObject({ replyTo: undefined, mentions: [] })
})
