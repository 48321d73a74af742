import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameReader, type LineMessage, MessageQueue } from '../src/transport/index.ts'

const limits = { messageSize: 100, waitingSize: 1_000 }

/** A queue whose messages arrive when the test says so, and what a reader makes of them. */
function line() {
  const messages: LineMessage[] = []
  const events: string[] = []
  const frames: string[] = []
  const reader = new FrameReader(65_536)
  let arrive: (error?: Error) => void = () => {}
  const queue = new MessageQueue(limits, {
    post(message) {
      messages.push(message)
      return new Promise((resolve, reject) => {
        arrive = (error) => {
          if (error !== undefined) return reject(error)
          reader.read(message, (frame) => frames.push(frame))
          resolve()
        }
      })
    },
    lost: (error) => events.push(`lost: ${(error as Error).message}`),
    done: () => events.push('done'),
  })
  const settle = async () => {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
  }
  const next = async (error?: Error) => {
    arrive(error)
    await settle()
  }
  return { queue, messages, events, frames, settle, next }
}

test('frames of one turn share a message, and one is under way at a time', async () => {
  const { queue, messages, frames, settle, next } = line()
  queue.send('one')
  queue.send('two')
  await settle()
  queue.send('three')
  await settle()
  expect(messages).toEqual([{ frames: ['one', 'two'], goesOn: false, isLast: false }])
  await next()
  expect(messages[1]).toEqual({ frames: ['three'], goesOn: false, isLast: false })
  await next()
  expect(frames).toEqual(['one', 'two', 'three'])
})

test('whatever is sent arrives whole and in order, in messages of the stated size', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ maxLength: 250 }), { maxLength: 8 }), async (sent) => {
      fc.pre(sent.join('').length <= limits.waitingSize)
      const { queue, messages, frames, settle, next } = line()
      for (const frame of sent) queue.send(frame)
      await settle()
      for (let seen = 0; seen < messages.length; seen += 1) await next()
      expect(frames).toEqual(sent)
      for (const message of messages) expect(message.frames.join('').length).toBeLessThanOrEqual(limits.messageSize)
    }),
  )
})

test('the goodbye comes after everything that waits, and nothing after it', async () => {
  const { queue, messages, events, settle, next } = line()
  queue.send('x'.repeat(150))
  queue.end()
  queue.send('too late')
  await settle()
  await next()
  expect(events).toEqual([])
  await next()
  expect(messages.map(({ goesOn, isLast }) => [goesOn, isLast])).toEqual([
    [true, false],
    [false, true],
  ])
  expect(events).toEqual(['done'])
})

test('a reader that is too slow, and a message that does not arrive, end the line once', async () => {
  const slow = line()
  for (let n = 0; n < 12; n += 1) slow.queue.send('x'.repeat(100))
  await slow.settle()
  expect(slow.events).toEqual(['lost: The other end reads too slowly.'])
  const broken = line()
  broken.queue.send('one')
  await broken.settle()
  broken.queue.send('two')
  await broken.next(new Error('no answer'))
  broken.queue.send('three')
  await broken.settle()
  expect(broken.events).toEqual(['lost: no answer'])
  expect(broken.messages).toHaveLength(1)
})

test('a sign of life is asked for only where nothing is under way', async () => {
  const { queue, messages, settle, next } = line()
  queue.ping()
  queue.ping()
  queue.send('one')
  await settle()
  expect(messages).toEqual([{ frames: [], goesOn: false, isLast: false }])
  await next()
  queue.ping()
  await settle()
  expect(messages.slice(1)).toEqual([{ frames: ['one'], goesOn: false, isLast: false }])
})

test('a frame that grows too large over several messages is refused', () => {
  const reader = new FrameReader(10)
  const frames: string[] = []
  const read = (part: string, goesOn: boolean) => reader.read({ frames: [part], goesOn }, (frame) => frames.push(frame))
  expect([read('12345', true), read('67890', false)]).toEqual([true, true])
  expect(frames).toEqual(['1234567890'])
  expect([read('12345', true), read('678901', true)]).toEqual([true, false])
})
