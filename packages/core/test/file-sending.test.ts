import type { FileMessage } from '@patchbay/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { PIECE_BYTES, unpackChunk } from '../src/files/chunk.ts'
import { createFileHash } from '../src/files/file-hash.ts'
import { ada, bob, MIB } from './support/file-side.ts'
import { emptyFile, shareOf } from './support/held-channel.ts'

const bytesOf = (sent: readonly (string | ArrayBuffer)[]) =>
  sent.reduce((sum, one) => sum + (typeof one === 'string' ? 0 : one.byteLength - 12), 0)

// Its code is loaded with the first file.
beforeAll(async () => void (await createFileHash()))

describe('what is sent', () => {
  /** Files that a peer has asked for. */
  async function sending(sizes: readonly number[], peers = [ada]) {
    const world = shareOf()
    const held = peers.map((peer) => world.attach(peer))
    for (const [i, size] of sizes.entries())
      world.share.offer(
        emptyFile(size, `${i}`),
        peers.map((peer) => peer.id),
      )
    const ids: string[] = []
    for (const one of held) {
      const offers = one.texts()
      ids.push(...offers.map((message) => message.id))
      await one.say(...offers.map((message) => ({ type: 'accept', id: message.id, from: 0 }) as const))
    }
    return { ...world, held, ids, first: held[0] as NonNullable<(typeof held)[0]> }
  }

  test('fills a channel with a mebibyte, and goes on when half of that is left', async () => {
    const { first } = await sending([3 * MIB])
    const { channel, drain } = first
    expect(channel.binaryType).toBe('arraybuffer')
    expect(channel.bufferedAmountLowThreshold).toBe(MIB / 2)
    expect(channel.bufferedAmount).toBeGreaterThan(MIB)
    expect(channel.bufferedAmount).toBeLessThan(MIB + 2 * PIECE_BYTES)
    const before = bytesOf(channel.sent)
    await drain()
    expect(bytesOf(channel.sent)).toBeGreaterThan(before + MIB)
  })

  test('fills channels with an eighth of that while files go to several', async () => {
    const { held } = await sending([3 * MIB], [ada, bob])
    const second = held[1]?.channel
    expect(second?.bufferedAmountLowThreshold).toBe(MIB / 16)
    expect(second?.bufferedAmount).toBeLessThan(MIB / 8 + 2 * PIECE_BYTES)
  })

  test('is four mebibytes ahead of what was written, over all files of a peer, and no more', async () => {
    const { first, ids } = await sending([6 * MIB, 6 * MIB])
    const { channel, drain, say } = first
    for (let i = 0; i < 8; i += 1) await drain()
    const sent = bytesOf(channel.sent)
    expect(sent).toBeGreaterThanOrEqual(4 * MIB)
    expect(sent).toBeLessThan(4 * MIB + PIECE_BYTES)
    await say({ type: 'got', id: ids[0] ?? '', bytes: MIB })
    for (let i = 0; i < 8; i += 1) await drain()
    expect(bytesOf(channel.sent)).toBeGreaterThanOrEqual(5 * MIB)
    expect(bytesOf(channel.sent)).toBeLessThan(5 * MIB + PIECE_BYTES)
  })

  test('is four files at a time, in turn, and then the next', async () => {
    const { first, ids } = await sending(Array<number>(5).fill(200_000))
    const { drain, pieces, say, channel } = first
    await drain()
    const streams = pieces().map((piece) => piece?.stream)
    // The first one began before the others were asked for.
    expect(streams.slice(1, 9)).toEqual([1, 2, 3, 4, 1, 2, 3, 4])
    const before = streams.slice(0, streams.indexOf(5))
    expect(before.filter((stream) => stream === 1)).toHaveLength(Math.ceil(200_000 / PIECE_BYTES))
    expect(streams.filter((stream) => stream === 5)).toHaveLength(Math.ceil(200_000 / PIECE_BYTES))
    expect([ids.length, channel.readyState]).toEqual([5, 'open'])
    await say()
  })

  test('goes on with what was begun, so that many files arrive in whatever order they are accepted', async () => {
    const world = shareOf()
    const { open, channel, texts, say, drain } = world.attach(ada)
    open()
    const size = 12 * PIECE_BYTES
    for (let i = 0; i < 32; i += 1) world.share.offer(emptyFile(size, `${i}`), [ada.id])
    const ids = texts().map((message) => message.id)
    /** Takes what has come, and confirms each fifth piece of a file and its last. */
    const counts = new Map<number, number>()
    let ended = 0
    const take = async () => {
      const news = channel.sent.splice(0)
      ended += news.filter((one) => typeof one === 'string').length
      for (const one of news) {
        const stream = typeof one === 'string' ? undefined : unpackChunk(one)?.stream
        if (stream === undefined) continue
        const count = (counts.get(stream) ?? 0) + 1
        counts.set(stream, count)
        if (count % 5 === 0 || count === 12)
          await say({ type: 'got', id: ids[stream - 1] ?? '', bytes: count * PIECE_BYTES })
      }
      return news.length
    }
    for (const id of ids.toReversed()) {
      // Three pieces go out before the channel is full.
      channel.bufferedAmount = MIB - 2 * PIECE_BYTES
      await say({ type: 'accept', id, from: 0 })
      await take()
    }
    do await drain()
    while ((await take()) > 0)
    expect([ids.length, ended]).toEqual([32, 32])
  })

  /** A file that is being read again up to its last piece, a block whenever the test lets one come, beside a small one. */
  async function rereading() {
    const size = 10 * MIB
    const waiting: (() => void)[] = []
    let reads = 0
    const slice = (start: number, end: number) => ({
      async arrayBuffer() {
        reads += 1
        await new Promise<void>((resolve) => waiting.push(resolve))
        return new ArrayBuffer(end - start)
      },
    })
    const world = shareOf()
    const { open, say, texts, pieces } = world.attach(ada)
    open()
    world.share.offer({ ...emptyFile(size), slice }, [ada.id])
    world.share.offer(emptyFile(9, 'small'), [ada.id])
    const [large, small] = texts().map((message) => message.id)
    if (large === undefined || small === undefined) throw new Error('not offered')
    const accept = (id: string, from: number) => ({ type: 'accept', id, from }) as const
    await say(accept(large, size - 1), accept(small, 0))
    const block = async () => {
      for (const release of waiting.splice(0)) release()
      await say()
    }
    return { ...world, pieces, block, reads: () => reads }
  }

  test('is also what else was asked for, while a large file is read again up to where it goes on', async () => {
    const { pieces, block } = await rereading()
    for (let i = 0; i < 2; i += 1) await block()
    expect(pieces().map((piece) => piece?.stream)).toEqual([2])
    for (let i = 0; i < 3; i += 1) await block()
    expect(pieces().map((piece) => piece?.stream)).toEqual([1])
  })

  test('is read no further once it was stopped', async () => {
    const { share, shown, block, reads } = await rereading()
    await block()
    for (const transfer of await shown()) share.stop(transfer)
    const before = reads()
    for (let i = 0; i < 4; i += 1) await block()
    expect(reads()).toBe(before)
  })

  test('ends with the hash, and is done when the other end has it too', async () => {
    const { first, ids, shown } = await sending([0])
    const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    expect(first.texts()).toEqual([{ type: 'end', id: ids[0], sha256 }])
    await first.say({ type: 'done', id: ids[0] ?? '', sha256 })
    expect((await shown())[0]?.state).toEqual({ phase: 'done', sha256, file: undefined })
  })

  test.each<[string, (id: string) => FileMessage]>([
    ['begin behind its end', (one) => ({ type: 'accept', id: one, from: 3 * MIB + 1 })],
    ['have more than was sent', (one) => ({ type: 'got', id: one, bytes: 3 * MIB })],
    ['have all of it before it was sent', (one) => ({ type: 'done', id: one, sha256: '0'.repeat(64) })],
  ])('to a receiver who claims to %s is sent no more: the connection is cut', async (_, lie) => {
    const { first, ids, cuts } = await sending([3 * MIB])
    expect(cuts).toEqual([])
    await first.say(lie(ids[0] ?? ''))
    expect(cuts).toEqual(['ada'])
  })

  test('is offered again on every channel, until it is over; that it was stopped is said again', async () => {
    const { share, attach, shown } = shareOf()
    for (const name of ['going', 'stopped', 'refused']) share.offer(emptyFile(9, name), [ada.id])
    const [going, stopped, refused] = (await shown()).map((transfer) => transfer.id) as [string, string, string]
    const early = attach(ada)
    early.open()
    expect(early.texts().map((message) => [message.type, message.id])).toEqual(
      [going, stopped, refused].map((one) => ['offer', one]),
    )
    share.stop((await shown())[1] as never)
    await early.say({ type: 'stop', id: refused, why: 'declined' })
    const late = attach(ada)
    early.open()
    expect(early.texts()).toEqual([{ type: 'stop', id: stopped, why: 'cancelled' }])
    late.open()
    expect(late.texts()).toMatchObject([
      { type: 'offer', id: going },
      { type: 'stop', id: stopped, why: 'cancelled' },
    ])
    expect((await shown()).map(({ state }) => state.phase)).toEqual(['offered', 'stopped', 'stopped'])
  })

  test('and was stopped before a page was loaded anew is not spoken of to that page', async () => {
    const { share, attach, shown } = shareOf()
    for (let i = 0; i < 300; i += 1) share.offer(emptyFile(i), [ada.id])
    const before = attach(ada)
    before.open()
    for (const transfer of await shown()) share.stop(transfer)
    const told = before.texts().filter((message) => message.type === 'stop')
    expect(told).toHaveLength(300)
    const anew = attach({ ...ada, instance: 'j'.repeat(22) as typeof ada.instance })
    anew.open()
    expect(anew.texts()).toEqual([])
  })
})
