import type { PeerId } from '@patchbay/protocol'
import { expect, test, vi } from 'vitest'
import { Trunks } from '../src/hub/index.ts'
import { type Clock, DialError } from '../src/transport/index.ts'
import { rawNodes } from './support/raw-nodes.ts'

/** No time passes. */
const clock: Clock = { now: () => 0, after: () => () => {} }
const greeting = {
  peer: 'x'.repeat(22) as PeerId,
  transport: 'test',
  remote: { address: '192.0.2.1', origin: undefined },
}

/** Trunks of a node whose engine keeps what is sent. */
function trunksOf(isBackedUp = () => false) {
  const sent: string[] = []
  const trunks = new Trunks({ clock, send: (_, text) => sent.push(text), isBackedUp, accept: () => undefined })
  const heard = { frame: vi.fn<(text: string) => void>(), close: vi.fn<(reason: string) => void>() }
  const dialing = trunks.dial('far', greeting, heard, { signal: new AbortController().signal })
  const id = sent[0]?.slice(1, 13) ?? ''
  return { trunks, heard, dialing, id }
}

test('[T9] a line to a node that is gone before it answers is refused at once, and was never open', async () => {
  const { trunks, heard, dialing } = trunksOf()
  trunks.nodes(new Set())
  await expect(dialing).rejects.toBeInstanceOf(DialError)
  expect(heard.close).not.toHaveBeenCalled()
  expect(trunks.size).toBe(0)
})

test('[T3] what comes right behind the answer comes on an open line, its end too', async () => {
  const { trunks, heard, dialing, id } = trunksOf()
  for (const text of [`y${id}`, `F${id}hello`, `C${id}`]) trunks.take('far', text)
  await expect(dialing).resolves.toBeDefined()
  expect(heard.frame.mock.calls).toEqual([['hello']])
  expect(heard.close.mock.calls).toEqual([['remote']])
})

test('while much waits for a node, a line that floods is cut, and one that does not is left alone', async () => {
  const { trunks, heard, dialing, id } = trunksOf(() => true)
  trunks.take('far', `y${id}`)
  const line = await dialing
  line.send('x'.repeat(30_000))
  trunks.take('far', `K${id}30016`)
  for (let i = 0; i < 1_000; i += 1) line.send('x')
  expect(heard.close).not.toHaveBeenCalled()
  // Frames of one character cost the inbox more than that.
  for (let i = 0; i < 1_000; i += 1) line.send('x')
  expect(heard.close.mock.calls).toEqual([['lost']])
})

test('a question to a node that dies is over when it is dead; those to others go on', async () => {
  const { clock: nodesClock, start } = rawNodes()
  const [one, two, three] = [await start(), await start(), await start()]
  for (const { hub } of [two, three]) if (hub.cluster) hub.cluster.onAsk = () => new Promise(() => {})
  const answers: unknown[] = []
  for (const { id } of [two, three]) void one.hub.cluster?.ask(id, '?').then((answer) => answers.push([id, answer]))
  await nodesClock.advance(1_000)
  two.trouble.isCut = true
  await nodesClock.advance(5_000)
  expect(answers).toEqual([[two.id, undefined]])
})

test('a question to a node that too much waits for says so: that node is alive', async () => {
  const { clock: nodesClock, start } = rawNodes()
  const [one, two] = [await start(), await start()]
  await nodesClock.advance(1_000)
  one.trouble.delayMs = 1_000
  const ask = async (text: string) => one.hub.cluster?.ask(two.id, text)
  for (let i = 0; i < 7; i += 1) void ask('x'.repeat(600_000))
  await expect(ask('?')).rejects.toThrow('Too much waits for that node')
})
