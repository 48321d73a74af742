import { createHash } from 'node:crypto'
import { Random } from '@patchbay/fault-proxy'
import { describe, expect, test, vi } from 'vitest'
import { MemoryStore, type SourceFile, type Transfer } from '../src/files/index.ts'
import { createFileHash } from '../src/files/file-hash.ts'
import { OutgoingFile } from '../src/files/outgoing-file.ts'
import { ada, bob, connect, fileOf, MIB, poll, Side, storeThat } from './support/file-side.ts'
import { KeepingStore } from './support/keeping-store.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function expectWhole(side: Side, file: { readonly bytes: Uint8Array }): Promise<void> {
  await poll(() => side.phases).toEqual(['done'])
  const { state } = side.transfers[0] as Transfer
  if (state.phase !== 'done') throw new Error('not done')
  expect(state.sha256).toBe(sha256(file.bytes))
  expect(sha256(new Uint8Array((await state.file?.arrayBuffer()) ?? new ArrayBuffer()))).toBe(sha256(file.bytes))
}

describe('[R24] a file', () => {
  test.each([0, 1, 65_524, 65_525, 3 * MIB + 7])(
    'of %i bytes arrives whole, and both ends know its hash',
    async (size) => {
      const [from, to] = [new Side(ada), new Side(bob, new MemoryStore(16 * MIB))]
      connect(from, to)
      const file = fileOf(size)
      from.share.offer(file, [bob.id])
      await to.acceptNext()
      await expectWhole(to, file)
      await poll(() => from.transfers[0]?.state).toMatchObject({ phase: 'done', sha256: sha256(file.bytes) })
    },
  )

  test('that is accepted several times at once is accepted once', async () => {
    const [from, to] = [new Side(ada), new Side(bob, new KeepingStore(10_000))]
    const [, far] = connect(from, to)
    const said: string[] = []
    far.tamper = (data) => {
      if (typeof data === 'string') said.push(data)
      return data
    }
    const file = fileOf(50_000)
    from.share.offer(file, [bob.id])
    await poll(() => to.phases).toContain('offered')
    for (let i = 0; i < 3; i += 1) to.share.accept(to.transfers[0] as Transfer)
    await expectWhole(to, file)
    expect(said.filter((text) => text.includes('"accept"'))).toHaveLength(1)
  })

  test('sends no byte before it is accepted', async () => {
    const [from, to] = [new Side(ada), new Side(bob, new MemoryStore(MIB))]
    const [near] = connect(from, to)
    const sent: unknown[] = []
    near.tamper = (data) => (sent.push(data), data)
    from.share.offer(fileOf(100_000), [bob.id])
    await poll(() => to.phases).toEqual(['offered'])
    expect(sent).toHaveLength(1)
    const [offered] = to.transfers
    if (offered !== undefined) to.share.stop(offered)
    await poll(() => from.transfers[0]?.state).toEqual({ phase: 'stopped', why: 'declined', byUs: false })
    expect(sent).toHaveLength(1)
  })

  test.each(['sender', 'receiver'])(
    'that the %s cancels ends at both ends, and the connection lives on',
    async (who) => {
      const [from, to] = [new Side(ada), new Side(bob, new MemoryStore(64 * MIB))]
      const [near] = connect(from, to)
      near.passes = 20
      from.share.offer(fileOf(12 * MIB), [bob.id])
      await to.acceptNext()
      await poll(() => to.phases).toEqual(['moving'])
      const side = who === 'sender' ? from : to
      side.share.stop(side.transfers[0] as Transfer)
      for (const one of [from, to]) {
        await poll(() => one.transfers[0]?.state).toEqual({ phase: 'stopped', why: 'cancelled', byUs: one === side })
      }
      near.passes = Infinity
      const next = fileOf(1_000, 'next')
      to.share.dismiss(to.transfers[0] as Transfer)
      from.share.dismiss(from.transfers[0] as Transfer)
      from.share.offer(next, [bob.id])
      await to.acceptNext()
      await expectWhole(to, next)
      expect([...from.cuts, ...to.cuts]).toEqual([])
    },
  )

  test.each(['sender', 'receiver'])(
    'that the %s cancels while they are apart is not offered again, and ends at both ends',
    async (who) => {
      const [from, to] = [new Side(ada), new Side(bob, new MemoryStore(64 * MIB))]
      const [near] = connect(from, to)
      near.passes = 20
      const file = fileOf(12 * MIB)
      from.share.offer(file, [bob.id])
      await to.acceptNext()
      await poll(() => to.phases).toEqual(['moving'])
      near.lose()
      const side = who === 'sender' ? from : to
      side.share.stop(side.transfers[0] as Transfer)
      connect(from, to)
      for (const one of [from, to]) {
        await poll(() => one.transfers[0]?.state).toMatchObject({ phase: 'stopped', byUs: one === side })
      }
      // When the person offers it again, the receiver is asked again.
      from.share.offer(file, [bob.id])
      await poll(() => to.phases).toEqual(['offered'])
      expect([...from.cuts, ...to.cuts]).toEqual([])
    },
  )

  test('waits when the connection is closed from this side, which fires no channel event', async () => {
    const [from, to] = [new Side(ada), new Side(bob, new MemoryStore(64 * MIB))]
    const [near] = connect(from, to)
    near.passes = 20
    from.share.offer(fileOf(12 * MIB), [bob.id])
    await to.acceptNext()
    await poll(() => to.phases).toEqual(['moving'])
    to.leave()
    await poll(() => to.phases).toEqual(['waiting'])
  })

  test('that is received and shown to its sender after a reload has the hash there too', async () => {
    const to = new Side(bob, new MemoryStore(MIB))
    let from = new Side(ada)
    const [near] = connect(from, to)
    const file = fileOf(1_000)
    from.share.offer(file, [bob.id])
    await to.acceptNext()
    await expectWhole(to, file)
    near.lose()
    from = new Side(ada)
    connect(from, to)
    from.share.offer(file, [bob.id])
    await poll(() => from.transfers[0]?.state).toMatchObject({ phase: 'done', sha256: sha256(file.bytes) })
  })

  test('of the name, size and time of another arrives beside it, each with its own contents', async () => {
    const [from, to] = [new Side(ada), new Side(bob, new MemoryStore(MIB))]
    connect(from, to)
    const files = [fileOf(1_000, 'g.txt', 1), fileOf(1_000, 'g.txt', 2)]
    for (const [i, file] of files.entries()) {
      from.share.offer(file, [bob.id])
      await to.acceptNext()
      await poll(() => [from.phases, to.phases]).toEqual([Array(i + 1).fill('done'), Array(i + 1).fill('done')])
    }
    const received = to.transfers.map(({ state }) => state.phase === 'done' && state.sha256)
    expect(received).toEqual(files.map(({ bytes }) => sha256(bytes)))
  })

  test.each([
    ['', new MemoryStore(MIB), false],
    [' while it was being saved', new MemoryStore(MIB), true],
    [' while it was being saved to a store that has it', new KeepingStore(100), true],
  ])(
    'that its receiver has dismissed%s can be offered again: the receiver is asked again',
    async (_, store, saving) => {
      const [from, to] = [new Side(ada), new Side(bob, store)]
      connect(from, to)
      const file = fileOf(1_000)
      from.share.offer(file, [bob.id])
      await to.acceptNext()
      await expectWhole(to, file)
      await poll(() => from.phases).toEqual(['done'])
      to.share.dismiss(to.transfers[0] as Transfer, { saving })
      await poll(() => to.phases).toEqual([])
      from.share.offer(file, [bob.id])
      await to.acceptNext()
      await expectWhole(to, file)
      expect([...from.cuts, ...to.cuts]).toEqual([])
    },
  )

  test.each([
    ['size', -1],
    ['size', 1.5],
    ['size', Number.NaN],
    ['size', 2 ** 44 + 1],
    ['size', '7'],
    ['name', undefined],
    ['type', 7],
  ])('whose %s is %s is refused where it is offered, and the connection lives on', async (field, value) => {
    const [from, to] = [new Side(ada), new Side(bob, new MemoryStore(MIB))]
    connect(from, to)
    const wrong = { ...fileOf(10, 'wrong'), [field]: value }
    expect(() => from.share.offer(wrong, [bob.id])).toThrow(
      expect.objectContaining({ name: 'InvalidFieldError', field }) as Error,
    )
    const file = fileOf(10)
    from.share.offer(file, [bob.id])
    await to.acceptNext()
    await expectWhole(to, file)
    expect([...from.cuts, ...to.cuts]).toEqual([])
  })

  test('that was complete before the new connection asks for the rest is done', () => {
    const file = new OutgoingFile('A'.repeat(22), fileOf(10), 'x', 1)
    file.accept(10)
    expect(file.finish('0'.repeat(64))).toBe(true)
    const other = new OutgoingFile('A'.repeat(22), fileOf(10), 'x', 1)
    other.accept(9)
    expect(other.finish('0'.repeat(64))).toBe(false)
  })

  test('is kept when it is dismissed while being saved, and deleted otherwise', async () => {
    for (const saving of [true, false]) {
      const store = new KeepingStore(1_000)
      const [from, to] = [new Side(ada), new Side(bob, store)]
      connect(from, to)
      const file = fileOf(5_000)
      from.share.offer(file, [bob.id])
      await to.acceptNext()
      await expectWhole(to, file)
      to.share.dismiss(to.transfers[0] as Transfer, { saving })
      await poll(() => to.transfers).toEqual([])
      expect(store.keptBytes).toBe(saving ? 5_000 : 0)
    }
  })

  test('resumes in each of 25 transfers whose connection is lost repeatedly', async () => {
    for (let seed = 1; seed <= 25; seed += 1) {
      const random = new Random(seed)
      const store = new KeepingStore(random.int(1_000, 300_000))
      let [from, to] = [new Side(ada), new Side(bob, store)]
      const file = fileOf(random.int(1, 2 * MIB), 'data', seed)
      let [near] = connect(from, to)
      from.share.offer(file, [bob.id])
      await to.acceptNext()
      for (let loss = random.int(1, 4); loss > 0; loss -= 1) {
        for (let turns = random.int(1, 30); turns > 0; turns -= 1) await new Promise(setImmediate)
        near.lose()
        const reload = random.int(0, 2)
        if (reload === 1) to = new Side(bob, store)
        if (reload === 2) from = new Side(ada)
        ;[near] = connect(from, to)
        // After a reload the person chooses the file again, which does not disturb a running transfer.
        if (reload > 0) from.share.offer(file, [bob.id])
        // Nothing was stored yet, so the receiver is asked again.
        if (reload === 1 && (store.last === undefined || !(await store.has(store.last)))) await to.acceptNext()
      }
      await expectWhole(to, file)
      expect([...from.cuts, ...to.cuts], `seed ${seed}`).toEqual([])
    }
  }, 60_000)

  test('resumes beside others after the sender has reloaded, in whatever order they are chosen', async () => {
    const to = new Side(bob, new MemoryStore(64 * MIB))
    let from = new Side(ada)
    const [near] = connect(from, to)
    const [first, second] = [fileOf(6 * MIB, 'first', 1), fileOf(6 * MIB, 'second', 2)]
    for (const file of [first, second]) from.share.offer(file, [bob.id])
    await poll(() => to.phases).toEqual(['offered', 'offered'])
    let chunks = 0
    near.tamper = (data) => {
      if (typeof data !== 'string' && (chunks += 1) === 20) setImmediate(() => near.lose())
      return data
    }
    await to.acceptNext()
    await poll(() => to.phases).toEqual(['waiting', 'waiting'])
    from = new Side(ada)
    connect(from, to)
    // In reverse order: the second file now has the number that the first had before.
    from.share.offer(second, [bob.id])
    await poll(() => to.phases).toEqual(['waiting', 'done'])
    from.share.offer(first, [bob.id])
    await poll(() => to.phases).toEqual(['done', 'done'])
    expect(to.transfers.map(({ state }) => state.phase === 'done' && state.sha256)).toEqual([
      sha256(first.bytes),
      sha256(second.bytes),
    ])
    expect([...from.cuts, ...to.cuts]).toEqual([])
  })

  test('that is read slowly resumes when the connection is lost during a read', async () => {
    const [from, to] = [new Side(ada), new Side(bob, new MemoryStore(16 * MIB))]
    const file = fileOf(3 * MIB)
    let reads = 0
    let proceed = () => {}
    const slow: SourceFile = {
      ...file,
      slice: (start, end) => ({
        async arrayBuffer() {
          reads += 1
          if (reads === 2) await new Promise<void>((resolve) => (proceed = resolve))
          return file.bytes.slice(start, end).buffer
        },
      }),
    }
    const [near] = connect(from, to)
    from.share.offer(slow, [bob.id])
    await to.acceptNext()
    await poll(() => reads).toBe(2)
    near.lose()
    connect(from, to)
    for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate)
    proceed()
    await expectWhole(to, file)
    expect([...from.cuts, ...to.cuts]).toEqual([])
  })

  test('with a byte changed in transit is rejected, and nothing of it is kept', async () => {
    const store = new KeepingStore(1_000)
    const [from, to] = [new Side(ada), new Side(bob, store)]
    const [near] = connect(from, to)
    near.tamper = (data) => {
      if (typeof data !== 'string') new Uint8Array(data)[99]! ^= 1
      return data
    }
    from.share.offer(fileOf(200_000), [bob.id])
    await to.acceptNext()
    await poll(() => from.transfers[0]?.state).toEqual({ phase: 'stopped', why: 'corrupt', byUs: false })
    expect(to.transfers[0]?.state).toEqual({ phase: 'stopped', why: 'corrupt', byUs: true })
    expect(store.keptBytes).toBe(0)
  })

  test('that does not fit is refused before a byte is sent', async () => {
    const [from, to] = [new Side(ada), new Side(bob, new MemoryStore(1_000))]
    connect(from, to)
    from.share.offer(fileOf(1_001), [bob.id])
    await to.acceptNext()
    await poll(() => from.transfers[0]?.state).toEqual({ phase: 'stopped', why: 'no_space', byUs: false })
  })

  test('stops at both ends when the disk is full', async () => {
    const full = storeThat(() => Promise.reject(new Error('The disk is full.')))
    const [from, to] = [new Side(ada), new Side(bob, full)]
    connect(from, to)
    from.share.offer(fileOf(12 * MIB), [bob.id])
    await to.acceptNext()
    await poll(() => from.transfers[0]?.state).toEqual({ phase: 'stopped', why: 'no_space', byUs: false })
    expect(to.transfers[0]?.state).toEqual({ phase: 'stopped', why: 'no_space', byUs: true })
    expect(to.cuts).toEqual([])
  })

  test('that changes while it is sent stops as unreadable', async () => {
    const [from, to] = [new Side(ada), new Side(bob, new MemoryStore(8 * MIB))]
    connect(from, to)
    const file = { ...fileOf(100_000), slice: () => ({ arrayBuffer: () => Promise.resolve(new ArrayBuffer(3)) }) }
    from.share.offer(file, [bob.id])
    await to.acceptNext()
    await poll(() => to.transfers[0]?.state).toEqual({ phase: 'stopped', why: 'unreadable', byUs: false })
  })
})

describe('the hash of a file', () => {
  const pieces = [new Uint8Array(0), ...[1, 2, 3].map((seed) => fileOf(65_524 * seed, 'x', seed).bytes)]

  test('is correct for files that are hashed alternately', async () => {
    const hashes = [await createFileHash(), await createFileHash()]
    for (const piece of pieces) for (const hash of hashes) hash.update(piece)
    hashes[0]?.update(new Uint8Array(1))
    const whole = Buffer.concat(pieces)
    expect(hashes.map((hash) => hash.digest())).toEqual([
      sha256(Buffer.concat([whole, Buffer.alloc(1)])),
      sha256(whole),
    ])
  })

  test('is the same where the page may not compile WebAssembly', async () => {
    vi.stubGlobal('WebAssembly', undefined)
    vi.resetModules()
    const { createFileHash: createPlainHash } = await import('../src/files/file-hash.ts')
    const hash = await createPlainHash()
    vi.unstubAllGlobals()
    for (const piece of pieces) hash.update(piece)
    expect(hash.digest()).toBe(sha256(Buffer.concat(pieces)))
    expect(hash.constructor).not.toBe((await createFileHash()).constructor)
  })
})
