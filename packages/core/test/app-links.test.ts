import { encodeAppFrame } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import type { AppChannel } from '../src/mesh/index.ts'
import type { FakeChannel } from './support/channel-pair.ts'
import { linked } from './support/linked-channels.ts'

/** Nothing of what is sent on the channel leaves its queue by itself. */
function hold(channel: FakeChannel): void {
  channel.send = (sent) => void (channel.bufferedAmount += sent instanceof Uint8Array ? sent.byteLength : 0)
}

describe('to one peer', () => {
  test('nothing is sent before it has told that it has channels', async () => {
    const { channels, pipes } = await linked({ theirFeatures: ['chat'] })
    expect(channels.open('cursor', {}).send('hello')).toBe(true)
    expect(pipes.app[0].bufferedAmount).toBe(0)
  })

  test('what is sent before that waits for it, up to 64 messages, and goes in order', async () => {
    const theirFeatures: string[] = []
    const { channels, link, sent, pipes } = await linked({ theirFeatures })
    const channel: AppChannel<number> = channels.open('c', {})
    const accepted = Array.from({ length: 70 }, (_, n) => channel.send(n)).filter(Boolean).length
    const latest: AppChannel<string> = channels.open('l', { delivery: 'latest' })
    for (const text of ['old', 'new']) latest.send(text)
    expect([accepted, pipes.app[0].bufferedAmount]).toEqual([64, 0])
    let drains = 0
    channel.onDrain(() => (drains += 1))
    theirFeatures.push('channels')
    link.introduced?.()
    const text = (frames: readonly ArrayBuffer[]) => frames.map((frame) => new TextDecoder().decode(frame).at(-1))
    await expect.poll(() => text(sent.app)).toEqual(Array.from({ length: 64 }, (_, n) => String(n).at(-1)))
    await expect
      .poll(() => sent['app-latest'].map((frame) => new TextDecoder().decode(frame).slice(-5)))
      .toEqual(['"new"'])
    expect(drains).toBeGreaterThan(0)
  })

  test('that never tells what it has is waited for during 3 heartbeats, and then keeps nobody waiting', async () => {
    const { channels, link } = await linked({ theirFeatures: [] })
    const channel: AppChannel<number> = channels.open('c', {})
    while (channel.send(1));
    for (let beat = 0; beat < 3; beat += 1) link.beat?.()
    expect(channel.send(1)).toBe(false)
    link.beat?.()
    expect(channel.send(1)).toBe(true)
  })

  test('that tells that it has no channels, what waited is dropped', async () => {
    const { channels, link, pipes } = await linked({ theirFeatures: ['chat'] })
    const channel: AppChannel<number> = channels.open('c', {})
    for (let n = 0; n < 64; n += 1) channel.send(n)
    expect(channel.send(1)).toBe(false)
    link.introduced?.()
    expect(channel.send(1)).toBe(true)
    expect(pipes.app[0].bufferedAmount).toBe(0)
  })

  test('a megabyte waits on an ordered channel; then it says so, and says when there is room again', async () => {
    const { channels, pipes } = await linked()
    const channel: AppChannel<Uint8Array> = channels.open('blob', {})
    let drains = 0
    channel.onDrain(() => (drains += 1))
    const outcomes = Array.from({ length: 20 }, () => channel.send(new Uint8Array(65_000)))
    expect(outcomes.indexOf(false)).toBe(17)
    expect(pipes.app[0].bufferedAmount).toBeLessThan(1_048_576 + 70_000)
    await expect.poll(() => drains).toBeGreaterThan(0)
    expect(channel.send(new Uint8Array(65_000))).toBe(true)
  })

  test('800 messages go at once and 400 a second, fewer than the other end takes', async () => {
    const { channels, clock, link } = await linked()
    const [ordered, latest] = (['ordered', 'latest'] as const).map((delivery) => channels.open('c', { delivery }))
    const send = (times: number) => Array.from({ length: times }, () => ordered?.send(1)).filter(Boolean).length
    let drains = 0
    ordered?.onDrain(() => (drains += 1))
    expect([send(1_000), send(10)]).toEqual([800, 0])
    expect(latest?.send(1), 'each channel has a rate of its own').toBe(true)
    await clock.advance(1_000)
    link.beat?.()
    expect(drains).toBeGreaterThan(0)
    expect(send(1_000)).toBe(400)
  })

  test('whose path is dead nothing is sent, and the others are not kept waiting', async () => {
    const { channels, port, pipes } = await linked()
    port.passes = false
    const channel = channels.open('c', {})
    expect(Array.from({ length: 1_000 }, () => channel.send('hello'))).toEqual(Array(1_000).fill(true))
    expect(pipes.app[0].bufferedAmount).toBe(0)
  })

  test('who takes what a slow path carries is not cut, however soon the queue is full again', async () => {
    const { channels, link, pipes, cuts, clock } = await linked()
    const [ordered, latest] = (['ordered', 'latest'] as const).map((delivery) => channels.open('c', { delivery }))
    for (const pipe of ['app', 'app-latest'] as const) hold(pipes[pipe][0])
    for (let beat = 0; beat < 120; beat += 1) {
      while (ordered?.send(new Uint8Array(65_000)));
      latest?.send(new Uint8Array(65_000))
      link.beat?.()
      await clock.advance(1_000)
      // As Chromium tells it: now and then, and much at once.
      if (beat % 15 === 7) pipes.app[0].bufferedAmount -= 65_000
    }
    expect(pipes.app[0].bufferedAmount).toBeGreaterThanOrEqual(1_048_576)
    expect(cuts()).toBe(0)
  })

  test('who does not read for 20 heartbeats is cut', async () => {
    const { channels, link, pipes, cuts } = await linked()
    const channel: AppChannel<Uint8Array> = channels.open('blob', {})
    hold(pipes.app[0])
    while (channel.send(new Uint8Array(65_000)));
    for (let beat = 0; beat < 20; beat += 1) link.beat?.()
    expect(cuts()).toBe(0)
    link.beat?.()
    expect(cuts()).toBe(1)
  })

  test('on whose path nothing gets through is not cut for what waits, and has 20 heartbeats when it works again', async () => {
    const { channels, link, port, pipes, cuts } = await linked()
    const channel: AppChannel<Uint8Array> = channels.open('blob', {})
    hold(pipes.app[0])
    while (channel.send(new Uint8Array(65_000)));
    const beats = (count: number) => {
      for (let beat = 0; beat < count; beat += 1) link.beat?.()
    }
    beats(20)
    port.passes = false
    beats(120)
    port.passes = true
    beats(20)
    expect(cuts()).toBe(0)
    beats(1)
    expect(cuts()).toBe(1)
  })

  test('whose channel takes nothing is given up, and the sender is not disturbed', async () => {
    const { channels, pipes, lost } = await linked()
    pipes.app[0].send = () => {
      throw new TypeError('larger than max-message-size')
    }
    expect(channels.open('c', {}).send('hello')).toBe(true)
    expect(lost()).toBe(1)
  })

  test('one of whose channels is closed nothing is sent', async () => {
    const { channels, pipes } = await linked()
    pipes['app-latest'][0].readyState = 'closed'
    for (const delivery of ['ordered', 'latest'] as const)
      expect(channels.open('c', { delivery }).send('hello')).toBe(true)
    expect(pipes.app[0].bufferedAmount).toBe(0)
  })

  test.each(['closing', 'closed'] as const)(
    'that answers and has a channel that is %s keeps nobody waiting',
    async (state) => {
      for (const pipe of ['app', 'app-latest'] as const) {
        const { channels, pipes, link } = await linked()
        link.introduced?.()
        pipes[pipe][0].readyState = state
        const channel = channels.open('c', {})
        const outcomes = Array.from({ length: 100 }, () => channel.send('hello'))
        expect([pipe, new Set(outcomes)]).toEqual([pipe, new Set([true])])
      }
    },
  )

  test('who leaves, those who wait for room are told', async () => {
    const { channels, link } = await linked()
    let drains = 0
    channels.open('c', {}).onDrain(() => (drains += 1))
    link.closed?.()
    expect(drains).toBe(1)
  })

  test('what waits on a `latest` channel when the path dies is sent when it works again', async () => {
    const { channels, link, port, pipes, sent, clock } = await linked()
    const [near] = pipes['app-latest']
    near.bufferedAmount = 65_536
    channels.open('l', { delivery: 'latest' }).send('hello')
    port.passes = false
    near.bufferedAmount = 0
    await clock.advance(1_000)
    expect(near.bufferedAmount).toBe(0)
    port.passes = true
    link.beat?.()
    await expect.poll(() => sent['app-latest'].length).toBe(1)
  })

  test('of what waits on a `latest` channel only the newest of each name is sent', async () => {
    const { channels, sent } = await linked()
    const [cursor, mood] = ['cursor', 'mood'].map((name) => channels.open(name, { delivery: 'latest' }))
    const text = 'x'.repeat(40_000)
    for (let n = 0; n < 100; n += 1) expect(cursor?.send([n, text])).toBe(true)
    mood?.send('good')
    await expect.poll(() => sent['app-latest'].length).toBe(4)
    const values = sent['app-latest'].map((frame) => {
      const body = new TextDecoder().decode(frame)
      return Number(/\[(\d+),/.exec(body)?.[1] ?? -1)
    })
    expect(values).toEqual([0, 1, 99, -1])
    expect(sent.app).toEqual([])
  })
})

describe('of one peer', () => {
  const message = (size: number) =>
    encodeAppFrame({ kind: 'message', channel: 'c', bytes: true }, new Uint8Array(size)).buffer

  test('4,000 messages are taken at once, and a thousand a second; more is a flood', async () => {
    const { channels, pipes, cuts, clock } = await linked()
    let heard = 0
    channels.open('c', {}).onMessage(() => (heard += 1))
    const say = async (pipe: keyof typeof pipes, times: number) => {
      for (let i = 0; i < times; i += 1) pipes[pipe][1].send(message(1))
      await expect.poll(() => pipes[pipe][1].bufferedAmount).toBe(0)
    }
    await say('app', 4_000)
    await clock.advance(1_000)
    await say('app', 1_000)
    expect([heard, cuts()]).toEqual([5_000, 0])
    await say('app-latest', 5_000)
    expect([heard, cuts()], 'what is too much on a `latest` channel is dropped').toEqual([9_000, 0])
    await say('app', 1)
    expect([heard, cuts()]).toEqual([9_000, 1])
  })

  test('16 MiB are taken at once', async () => {
    const { pipes, cuts } = await linked()
    const say = async (times: number) => {
      for (let i = 0; i < times; i += 1) pipes.app[1].send(message(65_536))
      await expect.poll(() => pipes.app[1].bufferedAmount).toBe(0)
    }
    await say(200)
    expect(cuts()).toBe(0)
    await say(60)
    expect(cuts()).toBeGreaterThan(0)
  })

  test.each<[string, ArrayBuffer | string, number]>([
    ['text', 'hello', 1],
    ['nothing', new ArrayBuffer(0), 0],
    ['a header that is longer than the frame', new Uint8Array([1, 0, 65]).buffer, 0],
    ['a header that is no JSON', new Uint8Array([0, 1, 65]).buffer, 0],
    ['a kind that is not known', new TextEncoder().encode('\0\x10{"kind":"shout"}').buffer, 0],
    [
      'JSON that is cut off',
      encodeAppFrame({ kind: 'message', channel: 'c', bytes: false }, new Uint8Array([123])).buffer,
      0,
    ],
    ['an answer to nothing', encodeAppFrame({ kind: 'response', channel: 'c', id: 7, bytes: true }).buffer, 0],
    ['a failure of nothing', encodeAppFrame({ kind: 'failure', channel: 'c', id: 7, code: 'busy' }).buffer, 0],
    ['an end to nothing', encodeAppFrame({ kind: 'cancel', channel: 'c', id: 7 }).buffer, 0],
  ])('%s is passed over, unless no page could have sent it', async (_, frame, expected) => {
    const { channels, pipes, cuts } = await linked()
    const heard: unknown[] = []
    channels.open('c', {}).onMessage((value) => heard.push(value))
    pipes.app[1].send(frame)
    pipes.app[1].send(message(1))
    await expect.poll(() => heard).toHaveLength(1)
    expect(cuts()).toBe(expected)
  })

  test('who asks and does not read gets no answers', async () => {
    const { channels, pipes, sent } = await linked()
    pipes.app[0].bufferedAmount = 1_048_576
    channels.open('c', {}).onRequest(() => new Promise(() => {}))
    // More than are answered at a time: the others would be told.
    for (let id = 1; id <= 70; id += 1)
      pipes.app[1].send(encodeAppFrame({ kind: 'request', channel: 'c', id, bytes: true }).buffer)
    await expect.poll(() => pipes.app[1].bufferedAmount).toBe(0)
    expect(sent.app).toEqual([])
  })

  test('requests that were cancelled keep no place from others, unless 256 of their handlers go on', async () => {
    const { channels, pipes, sent } = await linked()
    let handled = 0
    channels.open('c', {}).onRequest(() => {
      handled += 1
      return new Promise(() => {})
    })
    const ask = (id: number) =>
      pipes.app[1].send(
        encodeAppFrame({ kind: 'request', channel: 'c', id, bytes: false }, new Uint8Array([48])).buffer,
      )
    for (let id = 1; id <= 256; id += 1) {
      ask(id)
      pipes.app[1].send(encodeAppFrame({ kind: 'cancel', channel: 'c', id }).buffer)
    }
    await expect.poll(() => handled).toBe(256)
    expect(sent.app).toEqual([])
    ask(257)
    await expect.poll(() => sent.app.length).toBe(1)
    expect(handled).toBe(256)
  })

  test('a handler that settles after its request was cancelled makes room for another', async () => {
    const { channels, pipes, sent } = await linked()
    const settle: (() => void)[] = []
    channels.open('c', {}).onRequest(() => new Promise<void>((resolve) => settle.push(resolve)))
    const ask = (id: number, kind: 'request' | 'cancel') =>
      pipes.app[1].send(
        encodeAppFrame(
          kind === 'cancel' ? { kind, channel: 'c', id } : { kind, channel: 'c', id, bytes: false },
          new Uint8Array(kind === 'cancel' ? [] : [48]),
        ).buffer,
      )
    for (let id = 1; id <= 300; id += 1) {
      ask(id, 'request')
      ask(id, 'cancel')
      await expect.poll(() => settle.length, { interval: 1 }).toBe(id)
      settle.at(-1)?.()
    }
    expect(sent.app).toEqual([])
  })

  test('64 requests are answered at a time, and the others are told', async () => {
    const { channels, pipes, sent } = await linked()
    channels.open('c', {}).onRequest(() => new Promise(() => {}))
    for (let id = 1; id <= 70; id += 1)
      pipes.app[1].send(
        encodeAppFrame({ kind: 'request', channel: 'c', id, bytes: false }, new Uint8Array([48])).buffer,
      )
    await expect.poll(() => sent.app.length).toBe(6)
    const told = sent.app.map((frame) => JSON.parse(new TextDecoder().decode(frame.slice(2))) as object)
    expect(told[0]).toEqual({ kind: 'failure', channel: 'c', id: 65, code: 'busy' })
  })
})
