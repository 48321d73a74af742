import { decodeAppFrame, encodeAppFrame } from '@patchbay/protocol'
import { describe, expect, test } from 'vitest'
import type { ChannelError } from '../src/mesh/index.ts'
import { linked } from './support/linked-channels.ts'

test.each([
  ['waits until it does', ['channels'], undefined],
  ['fails when it has none', ['chat'], 'unsupported'],
])('a request to a peer that has not told yet whether it has channels %s', async (_, features, code) => {
  const theirFeatures: string[] = []
  const { channels, link, port, sent } = await linked({ theirFeatures })
  const outcome = channels.open('c', {}).request(1, port.peer.id)
  const failed = outcome.then(undefined, (error: unknown) => (error as ChannelError).code)
  theirFeatures.push(...features)
  link.introduced?.()
  if (code === undefined) await expect.poll(() => sent.app.length).toBe(1)
  link.closed?.()
  expect(await failed).toBe(code ?? 'gone')
})

test('a peer that asks without end is answered at a rate, and keeps nobody from sending to all', async () => {
  const { channels, port, pipes, sent, cuts } = await linked()
  const channel = channels.open('mine', {})
  for (let id = 1; id <= 4_000; id += 1)
    pipes.app[1].send(encodeAppFrame({ kind: 'request', channel: 'nobodys', id, bytes: true }))
  await expect.poll(() => pipes.app[1].bufferedAmount + pipes.app[0].bufferedAmount).toBe(0)
  expect(sent.app.length).toBeGreaterThan(0)
  expect(sent.app.length).toBeLessThanOrEqual(800)
  expect(channel.send('hello')).toBe(true)
  await expect.poll(() => decodeAppFrame(sent.app.at(-1) as ArrayBuffer)?.header.kind).toBe('message')
  expect([cuts(), port.passes]).toEqual([0, true])
})

describe('while the path to one peer does not work', () => {
  const kinds = (frames: readonly ArrayBuffer[]) => frames.map((frame) => decodeAppFrame(frame)?.header.kind)
  const frame = (kind: 'request' | 'cancel', id: number) =>
    kind === 'cancel'
      ? encodeAppFrame({ kind, channel: 'c', id }).buffer
      : encodeAppFrame({ kind, channel: 'c', id, bytes: true }).buffer

  test('requests made before it told that it has channels wait until it works again, and go out first', async () => {
    const theirFeatures: string[] = []
    const { channels, link, port, pipes, sent } = await linked({ theirFeatures })
    const channel = channels.open('c', {})
    const outcome = Promise.all([1, 2].map((value) => channel.request(value, port.peer.id)))
    const failed = expect(outcome).rejects.toMatchObject({ code: 'gone' })
    port.passes = false
    theirFeatures.push('channels')
    link.introduced?.()
    link.beat?.()
    expect(pipes.app[0].bufferedAmount, 'what is sent meanwhile').toBe(0)
    port.passes = true
    channel.send('hello')
    link.beat?.()
    await expect.poll(() => pipes.app[0].bufferedAmount).toBe(0)
    expect(kinds(sent.app)).toEqual(['request', 'request', 'message'])
    link.closed?.()
    await failed
  })

  test('a request that nobody waits for once it works again is called off after it was sent, not before', async () => {
    const theirFeatures: string[] = []
    const { channels, link, port, pipes, sent } = await linked({ theirFeatures })
    const abort = new AbortController()
    const outcome = channels.open('c', {}).request(1, port.peer.id, { signal: abort.signal })
    const failed = expect(outcome).rejects.toThrow()
    port.passes = false
    theirFeatures.push('channels')
    link.introduced?.()
    port.passes = true
    abort.abort()
    await failed
    link.beat?.()
    await expect.poll(() => pipes.app[0].bufferedAmount).toBe(0)
    expect(kinds(sent.app)).toEqual(['request', 'cancel'])
    link.closed?.()
  })

  test('answers wait until it works again, except those that nobody waits for', async () => {
    const { channels, link, port, pipes, sent } = await linked()
    let answered = 0
    channels.open('c', {}).onRequest(() => (answered += 1))
    port.passes = false
    for (const id of [1, 2]) pipes.app[1].send(frame('request', id))
    await expect.poll(() => answered).toBe(2)
    pipes.app[1].send(frame('cancel', 2))
    await expect.poll(() => pipes.app[1].bufferedAmount).toBe(0)
    expect(pipes.app[0].bufferedAmount).toBe(0)
    port.passes = true
    link.beat?.()
    link.beat?.()
    await expect.poll(() => pipes.app[0].bufferedAmount).toBe(0)
    expect(kinds(sent.app)).toEqual(['response'])
  })

  test('the end of a request that has run out of time waits, too', async () => {
    const { channels, link, port, pipes, sent, clock } = await linked()
    const outcome = channels.open('c', {}).request(1, port.peer.id, { timeoutMs: 1_000 })
    port.passes = false
    const failed = expect(outcome).rejects.toMatchObject({ code: 'timeout' })
    await clock.advance(1_000)
    await failed
    port.passes = true
    link.beat?.()
    await expect.poll(() => pipes.app[0].bufferedAmount).toBe(0)
    expect(kinds(sent.app)).toEqual(['request', 'cancel'])
  })

  test('no more than 128 answers wait, and none for a link that has ended', async () => {
    const { channels, link, port, pipes, sent } = await linked()
    let answered = 0
    channels.open('c', {}).onRequest(() => (answered += 1))
    const ask = async (from: number, to: number) => {
      port.passes = false
      for (let id = from; id <= to; id += 1) {
        pipes.app[1].send(frame('request', id))
        await expect.poll(() => pipes.app[1].bufferedAmount, { interval: 1 }).toBe(0)
      }
      port.passes = true
    }
    await ask(1, 150)
    link.beat?.()
    await expect.poll(() => pipes.app[0].bufferedAmount).toBe(0)
    expect([answered, sent.app.length]).toEqual([64, 128])
    await ask(151, 152)
    link.closed?.()
    link.beat?.()
    expect(pipes.app[0].bufferedAmount).toBe(0)
  })
})
