import type { FileMessage } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { MemoryStore, type Transfer } from '../src/files/index.ts'
import { ada, bob, connect, MIB, poll, Side } from './support/file-side.ts'
import { emptyFile, settle, shareOf } from './support/held-channel.ts'

const id = 'A'.repeat(22)
const offer = (stream = 1): FileMessage => ({ type: 'offer', id, stream, name: 'x.txt', size: 100, mime: 'text/plain' })
const adaAnew = { ...ada, instance: 'j'.repeat(22) as typeof ada.instance }

/** Stops the one file on the list and takes it off. */
async function stopAndDismiss({ share, shown }: ReturnType<typeof shareOf>): Promise<void> {
  share.stop((await shown())[0] as Transfer)
  share.dismiss((await shown())[0] as Transfer)
  expect(await shown()).toEqual([])
}

describe.each(['while there is no connection', 'on a connection whose path is dead'])(
  'what is stopped and dismissed %s',
  (when) => {
    const isCutOff = when === 'while there is no connection'
    /** Declines an offer that cannot be answered, takes it off the list, and is connected again. */
    const declineCutOff = async () => {
      const files = shareOf(new MemoryStore(MIB))
      const first = files.attach(ada, isCutOff)
      await first.say(offer())
      if (isCutOff) first.detach()
      await stopAndDismiss(files)
      first.detach()
      const second = files.attach(ada)
      return { files, second }
    }

    test('is cancelled at the receiver once that is connected again, and nothing of it is kept then', async () => {
      const files = shareOf()
      const first = files.attach(ada, isCutOff)
      files.share.offer(emptyFile(7), [ada.id])
      const [{ id: sent }] = (await files.shown()) as [Transfer]
      if (isCutOff) first.detach()
      await stopAndDismiss(files)
      first.detach()
      const second = files.attach(ada)
      second.open()
      expect(second.texts()).toEqual([{ type: 'stop', id: sent, why: 'cancelled' }])
      second.detach()
      expect(files.share.peers).toBe(0)
    })

    test('is declined when its sender repeats the offer, and asked about when it is offered anew', async () => {
      const { files, second } = await declineCutOff()
      await second.say(offer())
      expect([second.texts(), await files.shown()]).toEqual([[{ type: 'stop', id, why: 'declined' }], []])
      await second.say(offer(2))
      expect([second.texts(), await files.shown()]).toMatchObject([[], [{ state: { phase: 'offered' } }]])
    })

    test('is forgotten when its sender takes it back', async () => {
      const { files, second } = await declineCutOff()
      await second.say({ type: 'stop', id, why: 'cancelled' })
      second.detach()
      expect(files.share.peers).toBe(0)
    })

    test('is no matter of a page that the other has loaded anew', async () => {
      const files = shareOf(new MemoryStore(MIB))
      const first = files.attach(ada, isCutOff)
      files.share.offer(emptyFile(7), [ada.id])
      await files.shown()
      if (isCutOff) first.detach()
      await stopAndDismiss(files)
      first.detach()
      const second = files.attach(ada, isCutOff)
      await second.say(offer())
      second.detach()
      await stopAndDismiss(files)
      const third = files.attach(adaAnew)
      third.open()
      await third.say(offer())
      expect([third.texts(), await files.shown()]).toMatchObject([[], [{ state: { phase: 'offered' } }]])
    })
  },
)

test('what is cancelled and dismissed before the receiver has heard of it leaves nothing behind', async () => {
  const files = shareOf()
  files.share.offer(emptyFile(7), [ada.id])
  await stopAndDismiss(files)
  expect(files.share.peers).toBe(0)
})

test('a file that is offered again after it was cancelled and dismissed out of reach is offered, not cancelled', async () => {
  const files = shareOf()
  const file = emptyFile(7)
  const first = files.attach(ada)
  files.share.offer(file, [ada.id])
  first.detach()
  await files.shown()
  await stopAndDismiss(files)
  files.share.offer(file, [ada.id])
  const second = files.attach(ada)
  second.open()
  await settle()
  expect(second.texts()).toMatchObject([{ type: 'offer', stream: 2 }])
})

test('a file that was declined and is offered again on another connection is asked about', async () => {
  const [from, to] = [new Side(ada), new Side(bob, new MemoryStore(MIB))]
  const [near] = connect(from, to)
  const file = emptyFile(7)
  from.share.offer(file, [bob.id])
  await poll(() => to.phases).toEqual(['offered'])
  to.share.stop(to.transfers[0] as Transfer)
  await poll(() => from.phases).toEqual(['stopped'])
  from.share.dismiss(from.transfers[0] as Transfer)
  near.lose()
  from.leave()
  connect(from, to)
  from.share.offer(file, [bob.id])
  await poll(() => to.phases).toEqual(['offered'])
})
