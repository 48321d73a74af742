import type { PeerId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { ChatLog } from '../src/mesh/index.ts'
import { createStore } from '../src/store.ts'

const message = (from: string | undefined, n: number, text = `${n}`) => ({
  kind: 'message' as const,
  key: `${from}/${n}`,
  from: from as PeerId | undefined,
  name: from ?? 'me',
  text,
  at: n,
})

test('whoever floods the log pushes out only what they have said themselves', () => {
  const log = new ChatLog()
  for (let i = 0; i < 50; i += 1) log.add(message('ada', i))
  log.add({ kind: 'joined', key: 'joined 1', name: 'Mallory', at: 0 })
  for (let i = 0; i < 3_000; i += 1) log.add(message('mallory', i))
  const entries = log.getSnapshot()
  expect(entries).toHaveLength(1_000)
  expect(entries.filter(({ key }) => key.startsWith('ada'))).toHaveLength(50)
  expect(entries.some(({ kind }) => kind === 'joined')).toBe(true)
  expect(entries.at(-1)?.key).toBe('mallory/2999')
})

test('the log holds about a million characters, however few messages they are', () => {
  const log = new ChatLog()
  log.add(message('ada', 1, 'hello'))
  for (let i = 0; i < 300; i += 1) log.add(message('mallory', i, 'x'.repeat(8_000)))
  const size = log.getSnapshot().reduce((sum, entry) => sum + (entry.kind === 'message' ? entry.text.length : 0), 0)
  expect(size).toBeLessThan(1_048_576)
  expect(size).toBeGreaterThan(1_000_000)
  expect(log.getSnapshot()[0]?.key).toBe('ada/1')
})

test('an entry that was dropped may come again, one that is there may not', () => {
  const log = new ChatLog()
  log.add(message('ada', 1))
  log.add(message('ada', 1, 'again'))
  expect(log.getSnapshot()).toEqual([message('ada', 1)])
})

test('an error of one who watches a store reaches neither the writer nor the others', async () => {
  const store = createStore(1)
  const heard: number[] = []
  const thrown = new Promise((resolve) => process.once('uncaughtException', resolve))
  const before = process.listeners('uncaughtException').slice(0, -1)
  for (const listener of before) process.removeListener('uncaughtException', listener)
  store.subscribe(() => {
    throw new Error('of the page')
  })
  store.subscribe(() => heard.push(store.getSnapshot()))
  expect(() => store.set(2)).not.toThrow()
  expect(heard).toEqual([2])
  expect(await thrown).toMatchObject({ message: 'of the page' })
  for (const listener of before) process.on('uncaughtException', listener)
})

test('a long message that fills the log is in it, and one of whoever has said the most is dropped', () => {
  const log = new ChatLog()
  for (let i = 0; i < 1_000; i += 1) log.add(message(`member ${i % 12}`, i))
  log.add(message('newcomer', 1, 'x'.repeat(8_000)))
  expect(log.getSnapshot()).toHaveLength(1_000)
  expect(log.getSnapshot().at(-1)?.key).toBe('newcomer/1')
  expect(log.getSnapshot()[0]?.key).not.toBe('member 0/0')
  // The newcomer has said the most by then.
  log.add(message('newcomer', 2))
  expect(log.getSnapshot().filter(({ key }) => key.startsWith('newcomer'))).toMatchObject([{ key: 'newcomer/2' }])
})
