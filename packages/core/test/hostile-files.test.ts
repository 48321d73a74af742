import { encode, type FileMessage } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import { cleanFileName, MemoryStore, type SinkRequest, type Transfer } from '../src/files/index.ts'
import { FakeChannel } from './support/channel-pair.ts'
import { ada, bob, MIB, poll, Side, storeThat } from './support/file-side.ts'

describe('a peer that lies', () => {
  test('is cut when it sends chunks without end of what nobody has accepted', async () => {
    const victim = new Side(bob, new MemoryStore(MIB))
    const [near, far] = FakeChannel.pair()
    victim.attach(ada, far)
    await poll(() => near.readyState).toBe('open')
    near.send(encode({ ...offer, stream: 5 } as FileMessage))
    for (let i = 0; i < 20_000 && near.readyState === 'open'; i += 1) near.send(chunk(3, 0, 1))
    await poll(() => near.readyState).toBe('closed')
  })

  const id = 'A'.repeat(22)
  const offer: FileMessage = { type: 'offer', id, stream: 1, name: 'x', size: 100, mime: '' }
  const chunk = (stream: number, offset: number, size: number) => {
    const message = new ArrayBuffer(12 + size)
    new DataView(message).setUint32(0, stream)
    new DataView(message).setFloat64(4, offset)
    return message
  }
  /** Sends raw messages to a side that accepts everything. @returns whether the sender was cut. */
  const cutAfter = async (...said: (FileMessage | string | ArrayBuffer)[]) => {
    const victim = new Side(bob, new MemoryStore(MIB))
    const [near, far] = FakeChannel.pair()
    victim.attach(ada, far)
    await poll(() => near.readyState).toBe('open')
    for (const one of said) {
      if (near.readyState !== 'open') break
      near.send(typeof one === 'string' || one instanceof ArrayBuffer ? one : encode(one))
      await poll(() => near.bufferedAmount).toBe(0)
      if (typeof one === 'object' && 'type' in one && one.type === 'offer') {
        await victim.acceptNext()
        await poll(() => victim.phases).toEqual(['moving'])
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return victim.cuts.length > 0
  }

  test('cannot have another file accepted than the one that was shown, under the same id', async () => {
    const store = new MemoryStore(MIB)
    const opened: string[] = []
    const open = (request: SinkRequest) => {
      opened.push(request.name)
      return store.open(request)
    }
    const victim = new Side(bob, { has: () => store.has(), open })
    const [near, far] = FakeChannel.pair()
    victim.attach(ada, far)
    await poll(() => near.readyState).toBe('open')
    const shown = async (name: string, stream: number, size: number) => {
      near.send(encode({ ...offer, name, stream, size }))
      await poll(() => victim.transfers.map((transfer) => transfer.name)).toEqual([name])
      return victim.transfers[0] as Transfer
    }
    const photo = await shown('photo.jpg', 1, 100)
    const program = await shown('photo.exe', 2, 200)
    victim.share.accept(photo)
    victim.share.accept({ ...program, at: photo.at - 1 })
    const song = await shown('song.mp3', 3, 300)
    victim.share.accept(program)
    victim.share.accept(song)
    await poll(() => victim.phases).toEqual(['moving'])
    expect(opened).toEqual(['song.mp3'])
  })

  test.each<[string, ...(FileMessage | string | ArrayBuffer)[]]>([
    ['sends a chunk that was never offered', chunk(1, 0, 10)],
    ['sends a chunk with stream number 0', chunk(0, 0, 10)],
    ['sends more than it said', offer, chunk(1, 0, 100), chunk(1, 100, 1)],
    ['leaves a hole', offer, chunk(1, 10, 10)],
    ['sends a piece twice', offer, chunk(1, 0, 10), chunk(1, 0, 10)],
    ['sends a chunk at offset NaN', offer, chunk(1, NaN, 10)],
    ['sends a chunk at a negative offset', offer, chunk(1, -10, 10)],
    ['sends an empty piece', offer, chunk(1, 0, 0)],
    ['sends a huge piece', offer, new ArrayBuffer(70_000)],
    ['ends too early', offer, chunk(1, 0, 10), { type: 'end', id, sha256: '0'.repeat(64) }],
    [
      'offers a negative size',
      '{"type":"offer","id":"AAAAAAAAAAAAAAAAAAAAAA","stream":1,"name":"","size":-1,"mime":""}',
    ],
    [
      'offers a size that is not a number',
      '{"type":"offer","id":"AAAAAAAAAAAAAAAAAAAAAA","stream":1,"name":"","size":null,"mime":""}',
    ],
    [
      'offers more than any disk holds',
      '{"type":"offer","id":"AAAAAAAAAAAAAAAAAAAAAA","stream":1,"name":"","size":1e15,"mime":""}',
    ],
    ['sends an invalid message', 'hello'],
  ])('and %s is cut', async (_, ...said) => {
    expect(await cutAfter(...said)).toBe(true)
  })

  test('and offers and withdraws endlessly leaves nothing behind, and is cut for flooding', async () => {
    const victim = new Side(bob, new MemoryStore(MIB))
    const [near, far] = FakeChannel.pair()
    victim.attach(ada, far)
    await poll(() => near.readyState).toBe('open')
    for (let i = 0; i < 900; i += 1) {
      const other = `${i}`.padEnd(22, 'A')
      near.send(encode({ ...offer, id: other, stream: i + 1 }))
      near.send(encode({ type: 'stop', id: other, why: 'cancelled' }))
    }
    await poll(() => near.bufferedAmount).toBe(0)
    await poll(() => victim.transfers.length).toBe(0)
    expect(victim.cuts).toEqual([])
    for (let i = 0; i < 2_000; i += 1) near.send(encode({ type: 'stop', id, why: 'cancelled' }))
    await poll(() => victim.cuts.length).toBeGreaterThan(0)
  })

  test('and sends several files faster than they can be written is cut, however they are distributed', async () => {
    const stuck = storeThat(() => new Promise(() => {}))
    const victim = new Side(bob, stuck)
    const [near, far] = FakeChannel.pair()
    victim.attach(ada, far)
    await poll(() => near.readyState).toBe('open')
    const streams = [1, 2, 3, 4]
    for (const stream of streams)
      near.send(encode({ ...offer, id: `${stream}`.padEnd(22, 'A'), stream, size: 100 * MIB }))
    await poll(() => victim.phases.length).toBe(4)
    await victim.acceptNext()
    await poll(() => victim.phases).toEqual(Array(4).fill('moving'))
    const pieceBytes = 32_768
    for (let at = 0; at < 2 * MIB; at += pieceBytes)
      for (const stream of streams) near.send(chunk(stream, at, pieceBytes))
    await poll(() => near.bufferedAmount).toBe(0)
    expect(victim.cuts).toEqual([])
    for (const stream of streams.slice(0, 2)) near.send(chunk(stream, 2 * MIB, pieceBytes))
    await poll(() => victim.cuts).toEqual(['ada'])
  })

  test('and offers more than 32 files gets refusals, and is not cut', async () => {
    const victim = new Side(bob, new MemoryStore(MIB))
    const [near, far] = FakeChannel.pair()
    const answers: string[] = []
    far.tamper = (data) => {
      if (typeof data === 'string') answers.push(data)
      return data
    }
    victim.attach(ada, far)
    await poll(() => near.readyState).toBe('open')
    for (let i = 0; i < 40; i += 1) near.send(encode({ ...offer, id: `${i}`.padEnd(22, 'A'), stream: i + 1 }))
    await poll(() => answers.length).toBe(8)
    await poll(() => victim.transfers.length).toBe(32)
    expect(victim.cuts).toEqual([])
  })
})

test.each([
  ['../../etc/passwd', 'passwd'],
  ['C:\\Windows\\system32\\cmd.exe', 'cmd.exe'],
  ['innocent\u202Egnp.exe', 'innocentgnp.exe'],
  ['a\u0000b\u200Bc.txt', 'abc.txt'],
  ['CON', '_CON'],
  ['com1 .txt', '_com1 .txt'],
  ['COM¹.txt', '_COM¹.txt'],
  ['.htaccess', 'htaccess'],
  ['  spaces  .txt. . ', 'spaces .txt'],
  ['<img src=x>:"|?*', '_img src=x______'],
  ['', 'file'],
  ['...', 'file'],
  ['\uD800', '\uFFFD'],
  ['é'.normalize('NFD'), 'é'.normalize('NFC')],
  [`${'长'.repeat(200)}.tar`, `${'长'.repeat(38)}.tar`],
])('a file called %j is shown and saved as %j', (name, clean) => {
  expect(cleanFileName(name)).toBe(clean)
})
