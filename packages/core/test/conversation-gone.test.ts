import type { PeerId } from '@patchbay/protocol'
import { expect, test, vi } from 'vitest'
import { ConversationLog } from '../src/conversation/conversation-log.ts'
import { createMessage } from '../src/conversation/entry.ts'
import { Receipts } from '../src/conversation/receipts.ts'
import { Typing } from '../src/conversation/typing.ts'
import { Meeting } from './support/conversation-meeting.ts'
import { ManualClock } from './support/manual-clock.ts'

/** Ada and Bob in a room, of whom Bob is seen to type. */
async function typingBob() {
  const meeting = new Meeting()
  const [ada, bob] = [await meeting.enter('ada'), await meeting.enter('bob')]
  bob.conversation.send('hello')
  bob.conversation.setTyping(true)
  await meeting.pass(100)
  const typing = () => ada.conversation.getSnapshot().typing
  expect(typing()).toEqual([ada.idOf('bob')])
  return { meeting, ada, bob, typing }
}

test('whoever leaves while they type is not seen to type', async () => {
  const { meeting, bob, typing } = await typingBob()
  bob.leave()
  await meeting.pass(100)
  expect(typing()).toEqual([])
})

test('whoever takes a message back is not seen to type', async () => {
  const { meeting, bob, typing } = await typingBob()
  bob.conversation.delete(bob.key('hello'))
  await meeting.pass(100)
  expect(typing()).toEqual([])
})

test('whose message has come is not seen to type, also where the notice of that is lost', async () => {
  const { meeting, bob, typing } = await typingBob()
  // It goes past the conversation, which would say as well that nobody types.
  bob.mesh.chat.send('there')
  await meeting.pass(100)
  expect(typing()).toEqual([])
})

test('nobody is kept in mind as typing, nor told of, once the conversation has ended', async () => {
  const clock = new ManualClock()
  const changed = vi.fn<() => void>()
  const typing = new Typing(clock, () => {}, changed)
  typing.heard('bob' as PeerId, true)
  typing.heard('cyd' as PeerId, true)
  expect([clock.pending, changed.mock.calls.length]).toEqual([2, 2])
  typing.stop()
  expect(clock.pending).toBe(0)
  await clock.advance(60_000)
  expect(changed).toHaveBeenCalledTimes(2)
})

test('typing is told with the first key, then every 2.5 s, and once when it stops', async () => {
  const clock = new ManualClock()
  const said: string[] = []
  const typing = new Typing(
    clock,
    (isTyping) => said.push(`${clock.now()} ${isTyping}`),
    () => {},
  )
  expect(typing.list).toEqual([])
  typing.tell(false)
  for (let ms = 0; ms <= 5_000; ms += 500) {
    typing.tell(true)
    await clock.advance(500)
  }
  for (let i = 0; i < 2; i += 1) typing.tell(false)
  typing.tell(true)
  expect(said).toEqual(['0 true', '2500 true', '5000 true', '5500 false', '5500 true'])
})

const own = (n: number) => createMessage({ key: `O${n}`, from: undefined, name: 'Ada', text: `${n}`, at: n })
const stateOf = (log: ConversationLog, key: string) => {
  const { received, read } = log.find(key) ?? {}
  return { received, read }
}

test('how far a member has read is forgotten with the member', async () => {
  const log = new ConversationLog()
  const receipts = new Receipts(log)
  const [bob, cyd] = ['bob' as PeerId, 'cyd' as PeerId]
  for (const n of [1, 2]) log.add(own(n))
  for (const member of [bob, cyd]) receipts.readUpTo('O2', member)
  receipts.forget(bob)
  receipts.sentBefore(['O1', 'O2'])
  expect(stateOf(log, 'O2')).toEqual({ received: [cyd], read: [cyd] })
  for (const member of [bob, cyd]) receipts.received('O1', member)
  expect(stateOf(log, 'O1')).toEqual({ received: [bob, cyd], read: [cyd] })

  const forgotten = vi.spyOn(Receipts.prototype, 'forget')
  const { meeting, ada, bob: gone } = await typingBob()
  const id = ada.idOf('bob')
  gone.leave()
  await meeting.pass(100)
  expect(forgotten.mock.calls, 'whoever leaves forgets her, too').toContainEqual([id])
  forgotten.mockRestore()
})

test('who has read up to a message has that one; what came before only with its receipt, which may come after the notice', () => {
  const log = new ConversationLog()
  const receipts = new Receipts(log)
  const cyd = 'cyd' as PeerId
  for (const n of [1, 2, 3, 4]) {
    log.add(own(n))
    receipts.sent(`O${n}`)
  }
  receipts.received('O2', cyd)
  receipts.readUpTo('O3', cyd)
  const read = () => [1, 2, 3, 4].filter((n) => stateOf(log, `O${n}`).read?.length === 1)
  expect(read()).toEqual([2, 3])
  expect(stateOf(log, 'O3')).toEqual({ received: [cyd], read: [cyd] })
  expect(stateOf(log, 'O1')).toEqual({ received: [], read: [] })
  for (const n of [4, 1]) receipts.received(`O${n}`, cyd)
  expect(read()).toEqual([1, 2, 3])
})

test('receipts of the newest own messages are kept, at most 5 000', () => {
  const log = new ConversationLog()
  const receipts = new Receipts(log)
  const cyd = 'cyd' as PeerId
  for (const n of [0, 5_000]) log.add(own(n))
  for (let n = 0; n < 5_000; n += 1) receipts.sent(`O${n}`)
  receipts.received('O0', cyd)
  expect(stateOf(log, 'O0')).toEqual({ received: [cyd], read: [] })
  receipts.sent('O5000')
  receipts.received('O5000', cyd)
  receipts.readUpTo('O5000', cyd)
  expect(stateOf(log, 'O5000')).toEqual({ received: [cyd], read: [cyd] })
  expect(stateOf(log, 'O0').read, 'of the oldest nothing more is noted').toEqual([])
})
