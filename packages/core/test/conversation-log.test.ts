import type { PeerId } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { ConversationLog } from '../src/conversation/conversation-log.ts'
import { createMessage } from '../src/conversation/entry.ts'
import { StatementBook } from '../src/conversation/statement-book.ts'

const person = (name: string) => ({ id: name as PeerId, name })
const message = (from: string, n: number, text = `${n}`) =>
  createMessage({ key: `${from}/m${n}`, from: from as PeerId, name: from, text, at: n })

describe('the log of a conversation', () => {
  test('keeps 5 000 entries, and whoever floods it pushes out only what they have said themselves', () => {
    const log = new ConversationLog()
    for (let i = 0; i < 50; i += 1) log.add(message('ada', i))
    for (let i = 0; i < 6_000; i += 1) log.add(message('eve', i))
    expect(log.list).toHaveLength(5_000)
    expect(log.list.filter(({ key }) => key.startsWith('ada'))).toHaveLength(50)
    expect(log.list.at(-1)?.key).toBe('eve/m5999')
  })

  test('counts texts, also those that were changed', () => {
    const log = new ConversationLog()
    log.add(message('ada', 1))
    for (let i = 0; i < 400; i += 1) log.add(message('eve', i))
    for (let i = 0; i < 400; i += 1) log.change(`eve/m${i}`, () => ({ text: 'x'.repeat(8_000) }))
    const size = log.list.reduce((sum, entry) => sum + (entry.kind === 'message' ? (entry.text?.length ?? 0) : 0), 0)
    expect(size).toBeLessThan(2_097_152)
    expect(size).toBeGreaterThan(2_000_000)
    expect(log.find('ada/m1')).toBeDefined()
  })

  /** A log, in which somebody reacts to so many of Ada's messages, with eight emoji each. */
  const reacted = () => {
    const log = new ConversationLog()
    const book = new StatementBook(log, (by, id) => `${by}/${id}`)
    const emoji = ['😀', '😁', '😂', '😃', '😄', '😅', '😆', '😇']
    const react = (name: string, count: number) => {
      for (let i = 0; i < count; i += 1)
        book.apply(person(name), { type: 'react', n: i + 1, to: { by: 'ada' as PeerId, id: `m${i}` }, emoji })
    }
    return { log, react }
  }

  test('drops no message for what others have reacted to it', () => {
    const { log, react } = reacted()
    const crowd = Array.from({ length: 15 }, (_, i) => `eve${i}`)
    for (let i = 0; i < 100; i += 1) log.add(message('ada', i, 'An ordinary sentence of about fifty letters, say.'))
    for (const name of crowd) react(name, 100)
    for (let i = 0; i < 5_600; i += 1) log.add(message(crowd[i % 15] ?? '', i))
    expect(log.list.filter(({ key }) => key.startsWith('ada/'))).toHaveLength(100)
    expect(log.list).toHaveLength(5_000)
  })

  test('keeps 32 768 reactions, and whoever reacts without end loses only their own, on the oldest messages first', () => {
    const { log, react } = reacted()
    for (let i = 0; i < 5_000; i += 1) log.add(message('ada', i))
    react('bob', 100)
    react('eve', 4_500)
    const hasReacted = (name: string, key: string) =>
      log.find(key)?.reactions.some(({ by }) => by.some(({ id }) => id === name)) === true
    const countOf = (name: string) => log.list.filter(({ key }) => hasReacted(name, key)).length
    expect([log.list.length, countOf('bob')]).toEqual([5_000, 100])
    expect(8 * (countOf('bob') + countOf('eve'))).toBeLessThanOrEqual(32_768)
    expect(countOf('eve')).toBeGreaterThan(2_000)
    expect([hasReacted('eve', 'ada/m0'), hasReacted('eve', 'ada/m4499')]).toEqual([false, true])
  })

  test('puts what was said before in front, by time, once, and counts it as of who has passed it on', () => {
    const log = new ConversationLog()
    log.add(message('ada', 9))
    const earlier = (n: number) => ({ ...message('bob', n), earlier: person('eve') })
    expect(log.addEarlier([earlier(5), earlier(3)])).toHaveLength(2)
    expect(log.addEarlier([earlier(5), earlier(4), message('ada', 9)])).toHaveLength(1)
    expect(log.list.map(({ at }) => at)).toEqual([3, 4, 5, 9])
    for (let i = 0; i < 6_000; i += 1) log.add(message('eve', i))
    expect(log.list.map(({ at }) => at).slice(0, 2)).not.toContain(3)
    expect(log.find('ada/m9')).toBeDefined()
  })
})

test('whoever tells the same message again and again does not break the bounds of the log', () => {
  const log = new ConversationLog()
  const twice = { ...message('bob', 1, 'x'.repeat(8_000)), earlier: person('eve') }
  for (let page = 0; page < 4; page += 1) log.addEarlier(Array.from({ length: 100 }, () => twice))
  expect(log.list).toHaveLength(1)
  for (let i = 0; i < 6_000; i += 1) log.add(message('ada', i))
  expect(log.list).toHaveLength(5_000)
})
