import type { FileMessage } from '@patchbay/protocol'
import { beforeAll, expect, test } from 'vitest'
import { createFileHash } from '../src/files/file-hash.ts'
import type { FileStore, Transfer } from '../src/files/index.ts'
import { ada, storeThat } from './support/file-side.ts'
import { settle, shareOf } from './support/held-channel.ts'

const id = 'A'.repeat(22)
const offer = (stream = 1): FileMessage => ({ type: 'offer', id, stream, name: 'x.txt', size: 100, mime: 'text/plain' })

/** A store that has five bytes of a file until they are deleted, and gives them when the test lets it. */
function slowlyKept() {
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  let has = true
  let opens = 0
  const plain = storeThat(() => Promise.resolve())
  const store: FileStore = {
    has: () => Promise.resolve(has),
    async open(request) {
      opens += 1
      const size = has ? 5 : 0
      has = true
      const kept = async function* () {
        await held
        yield new Uint8Array(size)
      }
      return { ...(await plain.open(request)), size, kept, discard: async () => void (has = false) }
    },
  }
  return { store, release, opens: () => opens }
}

// Its code is loaded with the first file.
beforeAll(async () => void (await createFileHash()))

test('nobody is asked about a file of which a part is kept, while that part is read', async () => {
  const { store, release, opens } = slowlyKept()
  const { attach, shown } = shareOf(store)
  const { say, texts } = attach(ada)
  await say(offer())
  expect([texts(), await shown()]).toMatchObject([[], [{ state: { phase: 'waiting', bytes: 5 } }]])
  release()
  await settle()
  expect(texts()).toEqual([{ type: 'accept', id, from: 5 }])
  expect(opens()).toBe(1)
})

test.each(['stays on', 'is taken off'])(
  'a kept file that is cancelled while it is read and %s the list, and offered again, is asked about once it is deleted',
  async (what) => {
    const { store, release, opens } = slowlyKept()
    const { share, attach, shown } = shareOf(store)
    const { say, texts } = attach(ada)
    await say(offer())
    const [first] = (await shown()) as [Transfer]
    share.stop(first)
    if (what === 'is taken off') share.dismiss(first)
    await say(offer(2))
    expect(texts()).toEqual([{ type: 'stop', id, why: 'cancelled' }])
    release()
    await settle()
    expect([opens(), texts(), await shown()]).toMatchObject([1, [], [{ state: { phase: 'offered' } }]])
    share.accept((await shown())[0] as Transfer)
    await settle()
    expect([opens(), texts(), await store.has({} as never)]).toEqual([2, [{ type: 'accept', id, from: 0 }], true])
  },
)

test.each([
  ['cannot say', () => Promise.reject(new Error('EACCES'))],
  [
    'throws when it is asked',
    () => {
      throw new Error('EACCES')
    },
  ],
])('a person is asked where the store %s whether a part is kept', async (_, has) => {
  const { attach, shown } = shareOf({ ...storeThat(() => Promise.resolve()), has })
  await attach(ada).say(offer())
  expect(await shown()).toMatchObject([{ state: { phase: 'offered' } }])
})
