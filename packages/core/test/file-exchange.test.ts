import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { FileMessage } from '@patchbay/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { packChunk } from '../src/files/chunk.ts'
import { createFileHash } from '../src/files/file-hash.ts'
import { type FileSink, type FileStore, MemoryStore, type Transfer } from '../src/files/index.ts'
import { ada, bob, fileOf, MIB, storeThat } from './support/file-side.ts'
import { emptyFile, settle, shareOf } from './support/held-channel.ts'
import { KeepingStore } from './support/keeping-store.ts'

const id = 'A'.repeat(22)
const offer = (over: Partial<Extract<FileMessage, { type: 'offer' }>> = {}): FileMessage => ({
  type: 'offer',
  id,
  stream: 1,
  name: '../x.txt',
  size: 100,
  mime: 'text/plain',
  ...over,
})
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}

// Its code is loaded with the first file.
beforeAll(async () => void (await createFileHash()))

describe('the list of files', () => {
  test('says what each is, whom it is with and which way it goes', async () => {
    const { share, attach, shown } = shareOf(new MemoryStore(MIB))
    const { say } = attach(ada)
    await say(offer())
    const file = emptyFile(7, 'a/b:c.txt')
    share.offer(file, [ada.id])
    const [incoming, outgoing] = await shown()
    const state = { phase: 'offered' }
    const at = expect.closeTo(Date.now(), -4) as number
    expect(incoming).toEqual({
      ...{ key: `in ${ada.id} ${id}`, id, peer: ada.id, direction: 'in' },
      ...{ name: 'x.txt', size: 100, mime: 'text/plain', at, source: undefined, state },
    })
    expect(outgoing).toEqual({
      ...{ key: `out ${ada.id} ${outgoing?.id}`, id: outgoing?.id, peer: ada.id, direction: 'out' },
      ...{ name: 'b_c.txt', size: 7, mime: 'text/plain', at, source: file, state },
    })
  })

  test('has one time for all whom a file is offered to, and keeps what has not changed as it is', async () => {
    const { share, attach, shown } = shareOf(new MemoryStore(MIB))
    const { say } = attach(ada)
    share.offer(emptyFile(7), [ada.id, bob.id])
    const before = await shown()
    expect(new Set(before.map(({ at }) => at)).size).toBe(1)
    await say(offer())
    const after = await shown()
    expect(after).toHaveLength(3)
    for (const transfer of before) expect(after).toContain(transfer)
    const [sent] = before
    if (sent !== undefined) share.stop(sent)
    const last = await shown()
    expect([last.includes(before[0] as never), last.includes(before[1] as never)]).toEqual([false, true])
  })

  test('is shown anew ten times a second at most, whatever happens', async () => {
    const { share, clock, attach } = shareOf(new MemoryStore(MIB))
    await clock.advance(100)
    const { say } = attach(ada)
    let shows = 0
    share.subscribe(() => (shows += 1))
    for (let i = 0; i < 20; i += 1) await say(offer({ id: `${i}`.padEnd(22, 'A'), stream: i + 1 }))
    await clock.advance(99)
    expect(shows).toBe(0)
    await clock.advance(1)
    expect([shows, share.getSnapshot().length, clock.pending]).toEqual([1, 20, 0])
    await say({ type: 'stop', id: '0'.padEnd(22, 'A'), why: 'cancelled' })
    await clock.advance(100)
    expect([shows, share.getSnapshot().length]).toEqual([2, 19])
  })

  test('knows a file again by its person, name, size and time, and by nothing less', async () => {
    const ids: string[] = []
    for (const file of [emptyFile(1), emptyFile(1), emptyFile(2), emptyFile(1, 'other'), emptyFile(1, 'zeros', 2)]) {
      const { share, shown } = shareOf()
      share.offer(file, [ada.id])
      ids.push(...(await shown()).map((transfer) => transfer.id))
    }
    const { share, shown } = shareOf(undefined, bob.id)
    share.offer(emptyFile(1), [ada.id])
    ids.push(...(await shown()).map((transfer) => transfer.id))
    expect(ids[0]).toMatch(/^[\w-]{22}$/)
    expect(ids.map((one) => ids.indexOf(one))).toEqual([0, 0, 2, 3, 4, 5])
  })

  test('loses what is dismissed once it is over, and not before', async () => {
    const { share, attach, shown } = shareOf(new MemoryStore(MIB))
    const { say } = attach(ada)
    await say(offer())
    share.offer(emptyFile(7), [ada.id])
    for (const transfer of await shown()) share.dismiss(transfer)
    expect(await shown()).toHaveLength(2)
    for (const transfer of await shown()) share.stop(transfer)
    expect((await shown()).map(({ state }) => state)).toEqual([
      { phase: 'stopped', why: 'declined', byUs: true },
      { phase: 'stopped', why: 'cancelled', byUs: true },
    ])
    for (const transfer of await shown()) share.dismiss(transfer)
    expect(await shown()).toEqual([])
  })

  test('keeps 256 of one peer, and what came to nothing makes room for the next', async () => {
    const { share, attach, shown } = shareOf(new MemoryStore(MIB))
    const { say, texts } = attach(ada)
    const name = (i: number) => `${i}`.padEnd(22, 'A')
    for (let i = 1; i <= 257; i += 1) {
      await say(offer({ id: name(i), stream: i }))
      share.stop({ direction: 'in', peer: ada.id, id: name(i) } as never)
    }
    const listed = (await shown()).map((transfer) => transfer.id)
    expect([listed.length, listed[0], listed.at(-1)]).toEqual([256, name(2), name(257)])
    expect(texts()).toHaveLength(257)
  }, 20_000)
})

test('a file that was accepted beside 1,024 that have arrived and are on the list is not taken, as both ends are told', async () => {
  const { share, clock, attach, shown } = shareOf(new MemoryStore(MIB))
  const { say, texts } = attach(ada)
  const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  const one = (i: number) => ({ direction: 'in', peer: ada.id, id: `${i}`.padEnd(22, 'A') }) as Transfer
  const take = async (i: number) => {
    await clock.advance(10)
    await say(offer({ id: one(i).id, stream: i, size: 0 }))
    share.accept((await shown()).at(-1) as Transfer)
    await settle()
    await say({ type: 'end', id: one(i).id, sha256 })
    return texts().at(-1)
  }
  for (let i = 1; i <= 1_024; i += 1) await take(i)
  expect(await take(1_025)).toEqual({ type: 'stop', id: one(1_025).id, why: 'no_space' })
  expect((await shown()).at(-1)?.state).toEqual({ phase: 'stopped', why: 'too_many', byUs: true })
  share.dismiss(one(1))
  expect(await take(1_026)).toEqual({ type: 'done', id: one(1_026).id, sha256 })
}, 20_000)

describe('one who offers', () => {
  test('is told no where there is nowhere to put it', async () => {
    const { attach, shown } = shareOf()
    const { say, texts } = attach(ada)
    await say(offer())
    expect([texts(), await shown()]).toEqual([[{ type: 'stop', id, why: 'declined' }], []])
  })

  test('is told how far it is written after every 256 KiB, and at the end', async () => {
    const { share, attach, shown } = shareOf(new MemoryStore(MIB))
    const { say, texts } = attach(ada)
    const size = 600_000
    await say(offer({ size }))
    share.accept((await shown())[0] as never)
    await settle()
    expect(texts()).toEqual([{ type: 'accept', id, from: 0 }])
    for (let at = 0; at < size; at += 50_000) {
      const chunk = new ArrayBuffer(12 + 50_000)
      new DataView(chunk).setUint32(0, 1)
      new DataView(chunk).setFloat64(4, at)
      await say(chunk)
    }
    expect(texts()).toEqual([300_000, 600_000].map((bytes) => ({ type: 'got', id, bytes })))
    expect((await shown())[0]?.state).toMatchObject({ phase: 'moving', bytes: size })
  })

  test('is told that a file was cancelled, also while its last bytes are being put away', async () => {
    let finish = () => {}
    const finished = new Promise<void>((resolve) => (finish = resolve))
    let isGone = false
    const store: FileStore = {
      has: () => Promise.resolve(false),
      open: () =>
        Promise.resolve({
          size: 0,
          async *kept() {},
          write: () => Promise.resolve(),
          finish: () => finished.then(() => new Blob()),
          discard: async () => void (isGone = true),
        }),
    }
    const { share, attach, shown } = shareOf(store)
    const { say, texts } = attach(ada)
    await say(offer({ size: 0 }))
    share.accept((await shown())[0] as Transfer)
    await settle()
    const hash = await createFileHash()
    await say({ type: 'end', id, sha256: hash.digest() })
    share.stop((await shown())[0] as Transfer)
    finish()
    await settle()
    expect(await shown()).toMatchObject([{ state: { phase: 'stopped', why: 'cancelled' } }])
    expect([texts().at(-1), isGone]).toEqual([{ type: 'stop', id, why: 'cancelled' }, true])
  })

  test('may say two thousand things at once, and a thousand a second, and is cut for more', async () => {
    const { clock, attach, cuts } = shareOf(new MemoryStore(MIB))
    const { say } = attach(ada)
    const noise = (n: number) =>
      say(...Array.from({ length: n }, () => ({ type: 'stop', id, why: 'cancelled' }) as const))
    for (const _ of [1, 2]) {
      await noise(2_000)
      await clock.advance(2_000)
    }
    expect(cuts).toEqual([])
    await noise(2_000)
    expect(cuts).toEqual([])
    await noise(1)
    expect(cuts).toEqual(['ada'])
  })

  test('and sends what is neither text nor bytes is cut', async () => {
    const { attach, cuts } = shareOf(new MemoryStore(MIB))
    await attach(ada).say(new Blob(['x']))
    expect(cuts).toEqual(['ada'])
  })

  test('who is away is answered once it has offered the file again, however early it was accepted', async () => {
    const { share, attach, shown, cuts } = shareOf(new MemoryStore(MIB))
    const before = attach(ada)
    await before.say(offer())
    before.detach()
    const [offered] = await shown()
    share.accept(offered as Transfer)
    await settle()
    expect(await shown()).toMatchObject([{ state: { phase: 'waiting' } }])
    const after = attach(ada)
    expect(after.texts()).toEqual([])
    await after.say(offer())
    expect(after.texts()).toEqual([{ type: 'accept', id, from: 0 }])
    expect([await shown(), cuts]).toMatchObject([[{ state: { phase: 'moving' } }], []])
  })

  test('after a reload goes on with what was accepted, and has to ask for the same under another name or type', async () => {
    const store = new KeepingStore(50)
    const before = shareOf(store)
    const near = before.attach(ada)
    await near.say(offer())
    before.share.accept((await before.shown())[0] as Transfer)
    await settle()
    const bytes = new Uint8Array(50)
    await near.say(packChunk({ stream: 1, offset: 0, bytes }, new Uint8Array(100)).slice().buffer)
    expect(store.keptBytes).toBe(50)
    for (const over of [{ name: 'setup.exe' }, { mime: 'application/x-msdownload' }]) {
      const { attach, shown } = shareOf(store)
      const { say, texts } = attach(ada)
      await say(offer(over))
      expect([texts(), await shown()]).toMatchObject([[], [{ ...over, state: { phase: 'offered' } }]])
    }
    const { say, texts } = shareOf(store).attach(ada)
    await say(offer())
    expect(texts()).toEqual([{ type: 'accept', id, from: 50 }])
  })

  test('another file under the id of one that has arrived is declined, and the one that is here stays', async () => {
    const { share, attach, shown } = shareOf(new MemoryStore(MIB))
    const { say, texts } = attach(ada)
    await say(offer({ size: 0 }))
    share.accept((await shown())[0] as Transfer)
    await settle()
    await say({ type: 'end', id, sha256: (await createFileHash()).digest() })
    texts()
    await say(offer({ stream: 2, name: 'other', size: 7 }))
    expect(texts()).toEqual([{ type: 'stop', id, why: 'declined' }])
    expect(await shown()).toMatchObject([{ name: 'x.txt', size: 0, state: { phase: 'done' } }])
  })

  test('a file that was stopped takes no memory while it is listed', async () => {
    let sink: WeakRef<FileSink> | undefined
    const plain = storeThat(() => Promise.resolve())
    const store: FileStore = {
      ...plain,
      async open(request) {
        const opened = await plain.open(request)
        sink = new WeakRef(opened)
        return opened
      },
    }
    const { share, attach, shown } = shareOf(store)
    await attach(ada).say(offer())
    share.accept((await shown())[0] as Transfer)
    await settle()
    share.stop((await shown())[0] as Transfer)
    await settle()
    collectGarbage()
    expect(sink?.deref()).toBeUndefined()
    expect(await shown()).toMatchObject([{ state: { phase: 'stopped' } }])
  })

  test('who accepts what is not on offer is told so', async () => {
    const { attach } = shareOf(new MemoryStore(MIB))
    const { say, texts } = attach(ada)
    await say({ type: 'accept', id, from: 0 })
    expect(texts()).toEqual([{ type: 'stop', id, why: 'cancelled' }])
  })

  test('a page that was loaded anew is told again of what was declined while it was away', async () => {
    const { share, attach, shown } = shareOf(new MemoryStore(MIB))
    const first = attach(ada)
    await first.say(offer())
    first.detach()
    const anew = { ...ada, instance: 'j'.repeat(22) as typeof ada.instance }
    const second = attach(anew)
    await second.say(offer())
    second.detach()
    const [offered] = await shown()
    share.stop(offered as Transfer)
    const third = attach(anew)
    await third.say(offer())
    expect(third.texts()).toEqual([{ type: 'stop', id, why: 'declined' }])
    expect(await shown()).toMatchObject([{ state: { phase: 'stopped' } }])
  })

  test('is not heard on a channel that another has replaced', async () => {
    const { attach, shown, cuts } = shareOf(new MemoryStore(MIB))
    const [early, late] = [attach(ada), attach(ada)]
    await early.say(offer(), 'what?')
    early.detach()
    expect([await shown(), cuts]).toEqual([[], []])
    await late.say(offer())
    expect(await shown()).toHaveLength(1)
  })
})

describe('the store in memory', () => {
  const request = { self: undefined, peer: ada.id, id, name: 'x', mime: '' }

  test('lets go of the messages that small pieces came in', async () => {
    const sink = await new MemoryStore(MIB).open({ ...request, size: 1_000 })
    const messages: WeakRef<ArrayBuffer>[] = []
    for (let i = 0; i < 1_000; i += 1) {
      const message = new ArrayBuffer(13)
      messages.push(new WeakRef(message))
      await sink.write(new Uint8Array(message, 12))
    }
    await settle()
    collectGarbage()
    expect(messages.filter((message) => message.deref() !== undefined).length).toBeLessThan(10)
    expect((await sink.finish()).size).toBe(1_000)
  })

  test('gives back what was written, in pieces of any size', async () => {
    const whole = fileOf(3 * MIB + 5).bytes.slice()
    const sink = await new MemoryStore(4 * MIB).open({ ...request, size: whole.length })
    for (let at = 0, length = 1; at < whole.length; at += length, length = (length * 7) % 65_521)
      await sink.write(whole.slice(at, at + length))
    const kept = Buffer.from(await (await sink.finish()).arrayBuffer())
    expect(kept.equals(whole)).toBe(true)
  })
})
