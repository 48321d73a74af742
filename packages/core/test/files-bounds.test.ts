import { type FileMessage, fullCapabilities } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { FileShare, type FileStore, MemoryStore } from '../src/files/index.ts'
import { OutgoingFile } from '../src/files/outgoing-file.ts'
import { drainMicrotasks, ManualClock } from './support/manual-clock.ts'
import { FakeChannel } from './support/channel-pair.ts'
import { attachFiles } from './support/file-port.ts'
import { ada, bob, connect, fileOf, MIB, poll, Side, storeThat } from './support/file-side.ts'
import { emptyFile } from './support/held-channel.ts'

const id = 'A'.repeat(22)
const offer: FileMessage = { type: 'offer', id, stream: 1, name: 'x', size: 100, mime: '' }

describe('what a receiver does to a sender', () => {
  test('accepting once more while the file is moving breaks the protocol', () => {
    const outgoing = new OutgoingFile(id, fileOf(100), 'x', 1)
    expect(outgoing.accept(0)).toBe(true)
    expect(outgoing.accept(100)).toBe(false)
    outgoing.pause()
    expect(outgoing.accept(100)).toBe(true)
  })

  test('asking for the end while a block is read does not have the sender read for ever', async () => {
    const file = fileOf(100)
    let reads = 0
    let release = () => {}
    const slow = {
      ...file,
      slice: (start: number, end: number) => ({
        async arrayBuffer() {
          reads += 1
          if (reads === 1) await new Promise<void>((resolve) => (release = resolve))
          return file.slice(start, end).arrayBuffer()
        },
      }),
    }
    const outgoing = new OutgoingFile(id, slow, 'x', 1)
    outgoing.accept(0)
    const piece = outgoing.take()
    // The connection is lost and back; the receiver has everything already.
    outgoing.pause()
    outgoing.accept(100)
    release()
    expect(await piece).toHaveProperty('sha256')
    expect(reads).toBeLessThan(5)
  })
})

test('a file offered to someone who takes none ends at once, and says so', async () => {
  const device = { ...bob, capabilities: { ...fullCapabilities, files: false } }
  const [near] = FakeChannel.pair()
  const from = new Side(ada)
  from.share.offer(fileOf(10), [bob.id])
  from.attach(device, near)
  from.share.offer(fileOf(20), [bob.id])
  await poll(() => from.transfers.map(({ state }) => (state.phase === 'stopped' ? state.why : state.phase))).toEqual([
    'unsupported',
    'unsupported',
  ])
})

describe('of a choice of 80 files', () => {
  const names = Array.from({ length: 80 }, (_, i) => `${i}`)
  const offerAll = ({ share }: Side) => names.forEach((name, i) => share.offer(fileOf(10, name, i), [bob.id]))
  const takeAll = ({ share }: Side) => {
    const take = () => share.getSnapshot().forEach((one) => one.state.phase === 'offered' && share.accept(one))
    share.subscribe(take)
    take()
  }
  const count = (phase: string, side: Side) => side.phases.filter((each) => each === phase).length

  test('those that the other does not take without an answer are offered as it answers, and none is declined', async () => {
    const [from, to] = [new Side(ada), new Side(bob, new MemoryStore(MIB))]
    connect(from, to)
    offerAll(from)
    await poll(() => count('offered', to)).toBe(32)
    to.share.stop(to.transfers[0] as (typeof to.transfers)[0])
    await poll(() => to.transfers.length).toBe(33)
    // One that nobody was asked about yet is taken back.
    from.share.stop(from.transfers[79] as (typeof from.transfers)[0])
    takeAll(to)
    await poll(() => count('done', from)).toBe(78)
    expect(from.transfers.flatMap(({ state, name }) => (state.phase === 'stopped' ? [[name, state.why]] : []))).toEqual(
      [
        ['0', 'declined'],
        ['79', 'cancelled'],
      ],
    )
    expect([...from.cuts, ...to.cuts]).toEqual([])
  })

  test('each arrives, also when the connection is replaced before it was offered', async () => {
    const [from, to] = [new Side(ada), new Side(bob, new MemoryStore(MIB))]
    const [near] = connect(from, to)
    offerAll(from)
    await poll(() => count('offered', to)).toBe(32)
    near.lose()
    connect(from, to)
    takeAll(to)
    await poll(() => count('done', from)).toBe(80)
    expect([...from.cuts, ...to.cuts]).toEqual([])
  })
})

describe('of a choice of 300 files', () => {
  const choose = (of: (i: number) => ReturnType<typeof emptyFile>) => {
    const [from, to] = [
      new Side(ada),
      new Side(
        bob,
        storeThat(() => Promise.resolve()),
      ),
    ]
    const [near] = connect(from, to)
    to.share.subscribe(() => to.transfers.forEach((one) => one.state.phase === 'offered' && to.share.accept(one)))
    for (let i = 0; i < 300; i += 1) from.share.offer(of(i), [bob.id])
    return { from, to, near }
  }
  const count = (phase: string, side: Side) => side.phases.filter((each) => each === phase).length

  test('to one who accepts all of them at once, 128 are under way at a time and none is declined', async () => {
    const { from, to, near } = choose((i) => emptyFile(5 * MIB, `${i}`))
    near.passes = 40
    await poll(() => [count('moving', from), count('offered', from)]).toEqual([128, 172])
    from.share.stop(from.transfers[100] as (typeof from.transfers)[0])
    await poll(() => [count('moving', to), count('stopped', to)]).toEqual([128, 1])
    expect([...from.cuts, ...to.cuts]).toEqual([])
  })

  test('that can no longer be read each ends as unreadable', async () => {
    const slice = () => ({ arrayBuffer: () => Promise.reject(new Error('gone')) })
    const { from } = choose((i) => ({ ...emptyFile(10, `${i}`), slice }))
    await poll(() => count('stopped', from)).toBe(300)
    expect(new Set(from.transfers.map(({ state }) => state.phase === 'stopped' && state.why))).toEqual(
      new Set(['unreadable']),
    )
  })
})

test('a store that cannot finish ends the file at both ends', async () => {
  const failing = storeThat(() => Promise.resolve())
  const store: FileStore = {
    ...failing,
    open: async (request) => ({ ...(await failing.open(request)), finish: () => Promise.reject(new Error('disk')) }),
  }
  const [from, to] = [new Side(ada), new Side(bob, store)]
  connect(from, to)
  from.share.offer(fileOf(10), [bob.id])
  await to.acceptNext()
  const ends = () => [to, from].map(({ transfers }) => transfers[0]?.state)
  await poll(ends).toMatchObject([
    { phase: 'stopped', why: 'no_space', byUs: true },
    { phase: 'stopped', why: 'no_space', byUs: false },
  ])
})

test('memory is given back when a file has been saved, or deleted', async () => {
  const store = new MemoryStore(100)
  const request = { self: undefined, peer: ada.id, id: 'x', size: 80, name: 'a', mime: '' }
  for (const end of ['leave', 'discard', 'leave'] as const) {
    const sink = await store.open(request)
    await sink.write(new Uint8Array(80))
    expect((await sink.finish()).size).toBe(80)
    await expect(store.open(request)).rejects.toThrow(RangeError)
    await sink[end]?.()
    await sink.discard()
  }
  await store.open(request)
})

test('300 files of one person arrive one after the other, and all stay on the list', async () => {
  const [from, to] = [new Side(ada), new Side(bob, new MemoryStore(MIB))]
  connect(from, to)
  for (let i = 0; i < 300; i += 1) from.share.offer(fileOf(1, `${i}`, i), [bob.id])
  to.share.subscribe(() => to.transfers.forEach((one) => one.state.phase === 'offered' && to.share.accept(one)))
  const done = (side: Side) => side.phases.filter((phase) => phase === 'done').length
  await poll(() => [done(from), done(to)]).toEqual([300, 300])
})

/** A store whose sinks come when the test lets them, and how many of them were thrown away. */
function heldStore() {
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  let discards = 0
  const plain = storeThat(() => Promise.resolve())
  const store: FileStore = {
    ...plain,
    open: async (request) => {
      await held
      return { ...(await plain.open(request)), discard: async () => void (discards += 1) }
    },
  }
  return { store, release, discards: () => discards }
}

test('a file that was accepted is thrown away where its sender breaks the protocol while it is being opened', async () => {
  const { store, release, discards } = heldStore()
  const to = new Side(bob, store)
  const [near, far] = FakeChannel.pair()
  to.attach(ada, far)
  await poll(() => near.readyState).toBe('open')
  near.send(JSON.stringify(offer))
  await to.acceptNext()
  near.send(new ArrayBuffer(1))
  await poll(() => to.cuts).toEqual(['ada'])
  await poll(() => to.transfers.map(({ state }) => state)).toEqual([{ phase: 'stopped', why: 'lied', byUs: true }])
  release()
  await poll(discards).toBe(1)
})

test('offers of a page that was loaded anew are forgotten, and make room for those that it makes then', async () => {
  const to = new Side(bob, new MemoryStore(MIB))
  const before = new Side(ada)
  const [near] = connect(before, to)
  for (let i = 0; i < 32; i += 1) before.share.offer(fileOf(10, `old ${i}`, i), [bob.id])
  await poll(() => to.phases).toEqual(Array(32).fill('offered'))
  near.lose()
  const after = new Side({ ...ada, instance: 'j'.repeat(22) as typeof ada.instance })
  connect(after, to)
  const chosen = [fileOf(10, 'old 0', 0), fileOf(10, 'new')]
  for (const file of chosen) after.share.offer(file, [bob.id])
  await poll(() => to.transfers.map(({ name }) => name)).toEqual(['old 0', 'new'])
  await to.acceptNext()
  await poll(() => [after.phases, to.phases]).toEqual([Array(2).fill('done'), Array(2).fill('done')])
})

describe('of people who are gone', () => {
  const setUp = () => {
    const clock = new ManualClock()
    const share = new FileShare({ self: () => bob.id, store: new MemoryStore(MIB), clock })
    return { clock, share }
  }
  const meet = async (share: FileShare, clock: ManualClock, ...said: string[]) => {
    const [near, far] = FakeChannel.pair()
    let passes = true
    const leave = attachFiles(
      share,
      ada,
      far,
      () => {},
      () => passes,
    )
    await poll(() => near.readyState).toBe('open')
    for (const text of said) near.send(text)
    await poll(() => near.bufferedAmount).toBe(0)
    await clock.advance(200)
    return { leave, near, path: (isUp: boolean) => (passes = isUp) }
  }

  const allMove = (share: FileShare, clock: ManualClock) =>
    expect
      .poll(async () => {
        await clock.advance(100)
        return share.getSnapshot().every(({ state }) => state.phase === 'moving')
      })
      .toBe(true)

  test('nothing is kept when they left no file', async () => {
    const { share, clock } = setUp()
    for (let i = 0; i < 20; i += 1) (await meet(share, clock)).leave()
    expect(share.peers).toBe(0)
  })

  test('offers that were not answered are forgotten after 30 s, unless they come back', async () => {
    const { share, clock } = setUp()
    const { leave } = await meet(share, clock, JSON.stringify(offer))
    expect(share.getSnapshot()).toHaveLength(1)
    leave()
    await clock.advance(29_000)
    expect(share.getSnapshot()).toHaveLength(1)
    const again = await meet(share, clock)
    await clock.advance(60_000)
    expect(share.getSnapshot()).toHaveLength(1)
    again.leave()
    await clock.advance(31_000)
    expect(share.getSnapshot()).toHaveLength(0)
    expect(share.peers).toBe(0)
  })

  test('a file that was accepted waits for them, also when it is being opened until after they are forgotten', async () => {
    const { store, release } = heldStore()
    const clock = new ManualClock()
    const share = new FileShare({ self: () => bob.id, store, clock })
    const { leave } = await meet(share, clock, JSON.stringify(offer))
    for (const transfer of share.getSnapshot()) share.accept(transfer)
    leave()
    await clock.advance(60_000)
    release()
    const phases = async () => {
      await clock.advance(100)
      return share.getSnapshot().map(({ state }) => state.phase)
    }
    await expect.poll(phases).toEqual(['waiting'])
  })

  test('a file of which nothing comes for a minute on a live connection is given up', async () => {
    const { share, clock } = setUp()
    await meet(share, clock, JSON.stringify(offer))
    const [transfer] = share.getSnapshot()
    if (transfer === undefined) throw new Error('no offer')
    share.accept(transfer)
    await drainMicrotasks()
    await poll(() => share.peers).toBe(1)
    for (let i = 0; i < 11; i += 1) await clock.advance(5_000)
    expect(share.getSnapshot()[0]?.state).toMatchObject({ phase: 'moving' })
    await clock.advance(10_000)
    expect(share.getSnapshot()[0]?.state).toMatchObject({ phase: 'stopped', why: 'stalled', byUs: true })
  })

  test('a file that goes on from far on is waited for while its sender reads what is before', async () => {
    const clock = new ManualClock()
    const sink = {
      size: 2e9,
      async *kept() {},
      write: async () => {},
      finish: async () => new Blob(),
      discard: async () => {},
    }
    const share = new FileShare({
      self: () => bob.id,
      store: { has: async () => false, open: async () => sink },
      clock,
    })
    const { path } = await meet(share, clock, JSON.stringify({ ...offer, size: 3e9 }))
    const [transfer] = share.getSnapshot()
    if (transfer === undefined) throw new Error('no offer')
    share.accept(transfer)
    await allMove(share, clock)
    // A path that is silent for a moment takes none of that time away.
    path(false)
    await clock.advance(5_000)
    path(true)
    for (let i = 0; i < 47; i += 1) await clock.advance(5_000)
    expect(share.getSnapshot()[0]?.state).toMatchObject({ phase: 'moving' })
    for (let i = 0; i < 10; i += 1) await clock.advance(5_000)
    expect(share.getSnapshot()[0]?.state).toMatchObject({ phase: 'stopped', why: 'stalled' })
  })

  test('a file of which nothing comes while the path is dead is not given up, and has a minute afterwards', async () => {
    const { share, clock } = setUp()
    const { path } = await meet(share, clock, JSON.stringify(offer))
    const [transfer] = share.getSnapshot()
    if (transfer === undefined) throw new Error('no offer')
    share.accept(transfer)
    await allMove(share, clock)
    path(false)
    for (let i = 0; i < 30; i += 1) await clock.advance(5_000)
    path(true)
    for (let i = 0; i < 11; i += 1) await clock.advance(5_000)
    expect(share.getSnapshot()[0]?.state).toMatchObject({ phase: 'moving' })
    for (let i = 0; i < 3; i += 1) await clock.advance(5_000)
    expect(share.getSnapshot()[0]?.state).toMatchObject({ phase: 'stopped', why: 'stalled' })
  })

  test('a file that waits for others of the same sender is not given up while these come', async () => {
    const { share, clock } = setUp()
    const [small, large] = [offer, { ...offer, id: 'B'.repeat(22), stream: 2, size: 1_000 }]
    const { near } = await meet(share, clock, JSON.stringify(small), JSON.stringify(large))
    for (const transfer of share.getSnapshot()) share.accept(transfer)
    await allMove(share, clock)
    for (let i = 0; i < 20; i += 1) {
      const chunk = new DataView(new ArrayBuffer(12 + 10))
      chunk.setUint32(0, 2)
      chunk.setFloat64(4, i * 10)
      near.send(chunk.buffer)
      await poll(() => near.bufferedAmount).toBe(0)
      await clock.advance(5_000)
    }
    expect(share.getSnapshot().map(({ state }) => state.phase)).toEqual(['moving', 'moving'])
  })
})
