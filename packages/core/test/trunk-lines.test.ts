import { MAX_FRAME_BYTES, type PeerId } from '@patchbay/protocol'
import { expect, test, vi } from 'vitest'
import { type TrunkGreeting, Trunks } from '../src/hub/trunks.ts'
import type { AcceptedConnection, CloseReason, Connection } from '../src/transport/index.ts'
import { drainMicrotasks, ManualClock } from './support/manual-clock.ts'

const [HERE, THERE] = ['here00', 'there0']
const greeting: TrunkGreeting = {
  peer: 'x'.repeat(22) as PeerId,
  transport: 'test',
  remote: { address: '192.0.2.1', origin: 'https://example.org' },
}

/** What one end of a line heard. */
const ear = () => ({ frame: vi.fn<(text: string) => void>(), close: vi.fn<(reason: CloseReason) => void>() })
const textsOf = ({ frame }: ReturnType<typeof ear>) => frame.mock.calls.map(([text]) => text)
const endsOf = ({ close }: ReturnType<typeof ear>) => close.mock.calls.map(([reason]) => reason)

/** Two nodes, and what they say to each other: `carry` brings it all, answers too. */
function twoNodes({ takes = true }: { takes?: boolean } = {}) {
  const clock = new ManualClock()
  const mail: { readonly to: string; readonly text: string }[] = []
  /** All that was ever said. */
  const said: string[] = []
  const accepted: { greeting: TrunkGreeting; line: AcceptedConnection; heard: ReturnType<typeof ear> }[] = []
  const nodeOf = (accepts: boolean) =>
    new Trunks({
      clock,
      send(to, text) {
        mail.push({ to, text })
        said.push(text)
      },
      isBackedUp: () => false,
      accept: (hello) =>
        accepts
          ? (line) => {
              const heard = ear()
              accepted.push({ greeting: hello, line, heard })
              return heard
            }
          : undefined,
    })
  const here = nodeOf(false)
  const there = nodeOf(takes)
  const carry = async () => {
    for (let next = mail.shift(); next !== undefined; next = mail.shift())
      if (next.to === THERE) there.take(HERE, next.text)
      else here.take(THERE, next.text)
    await drainMicrotasks()
  }
  const abort = new AbortController()
  const heard = ear()
  const dial = () => here.dial(THERE, greeting, heard, { signal: abort.signal })
  /** A line that the other node has taken. */
  const open = async () => {
    const dialing = dial()
    await carry()
    const near: Connection = await dialing
    const far = accepted.at(-1)
    if (far === undefined) throw new Error('The other node took no line.')
    return { near, far: far.line, heardFar: far.heard }
  }
  return { clock, mail, said, accepted, here, there, carry, dial, open, heard, abort }
}

test('[T1] a line carries texts both ways, and the other node is told whose it is and from where', async () => {
  const { open, carry, accepted, heard, here, there } = twoNodes()
  const { near, far, heardFar } = await open()
  expect(accepted.map((one) => one.greeting)).toEqual([greeting])
  expect(far.remote).toEqual(greeting.remote)
  near.send('to there')
  far.send('to here')
  await carry()
  expect([textsOf(heardFar), textsOf(heard)]).toEqual([['to there'], ['to here']])
  expect([here.size, there.size]).toEqual([1, 1])
})

test('[T3] what the other node says as soon as it takes a line comes on it', async () => {
  const { dial, carry, mail, there, heard } = twoNodes()
  const dialing = dial()
  const opening = mail.shift()
  const id = opening?.text.slice(1, 13) ?? ''
  there.take(HERE, opening?.text ?? '')
  expect(mail.map(({ text }) => text)).toEqual([`y${id}`])
  mail.push({ to: HERE, text: `F${id}at once` })
  await carry()
  await expect(dialing).resolves.toMatchObject({ id })
  expect(textsOf(heard)).toEqual(['at once'])
})

test.each([
  ['the node that dialed', 'near', ['local'], ['remote']],
  ['the node that was dialed', 'far', ['remote'], ['local']],
] as const)('[T4] a line that %s closes is over at both ends, once', async (_, which, here, there) => {
  const { open, carry, heard, ...nodes } = twoNodes()
  const { [which]: closing, near, far, heardFar } = await open()
  closing.close()
  closing.close()
  closing.send('late')
  await carry()
  near.send('later')
  far.send('later')
  await carry()
  expect([endsOf(heard), endsOf(heardFar)]).toEqual([here, there])
  expect([textsOf(heard), textsOf(heardFar)]).toEqual([[], []])
  expect([nodes.here.size, nodes.there.size]).toEqual([0, 0])
})

test('a node that takes no line refuses it, and nothing of it is left', async () => {
  const { dial, carry, here, there, heard, clock } = twoNodes({ takes: false })
  const dialing = dial()
  const refused = expect(dialing).rejects.toMatchObject({
    name: 'DialError',
    transport: 'trunk',
    failure: 'refused',
    message: `The node ${THERE} does not take the line.`,
  })
  await carry()
  await refused
  expect([here.size, there.size, clock.pending]).toEqual([0, 0, 0])
  expect(endsOf(heard)).toEqual([])
})

test('a node that does not answer within a second is unreachable, and a line that it takes later is over at once', async () => {
  const { dial, carry, accepted, clock, here, there } = twoNodes()
  const outcome = vi.fn<(reason: unknown) => void>()
  void dial().catch(outcome)
  await clock.advance(999)
  expect(outcome).not.toHaveBeenCalled()
  await clock.advance(1)
  expect(outcome).toHaveBeenCalledWith(expect.objectContaining({ name: 'DialError', failure: 'unreachable' }))
  await carry()
  expect(accepted.map((one) => endsOf(one.heard))).toEqual([['remote']])
  expect([here.size, there.size, clock.pending]).toEqual([0, 0, 0])
})

test('[T10] whoever gives a dial up hears their own reason, before it or during it, and the other node is told', async () => {
  const { dial, carry, abort, accepted, here, said } = twoNodes()
  const reason = new Error('gone elsewhere')
  const dialing = dial()
  abort.abort(reason)
  await expect(dialing).rejects.toBe(reason)
  await carry()
  expect(accepted.map((one) => endsOf(one.heard))).toEqual([['remote']])
  const before = said.length
  await expect(dial()).rejects.toBe(reason)
  expect(said).toHaveLength(before)
  expect(here.size).toBe(0)
})

test('an answer that crosses with giving up opens nothing', async () => {
  const { dial, carry, abort, heard, here, there } = twoNodes()
  const dialing = dial()
  const refused = expect(dialing).rejects.toThrow('aborted')
  // The answer comes first, the dialer gives up before it has looked at it.
  const carrying = carry()
  abort.abort()
  await carrying
  await refused
  await carry()
  expect([here.size, there.size]).toEqual([0, 0])
  expect(endsOf(heard)).toEqual([])
})

test.each([
  ['no JSON', '{'],
  ['nothing', 'null'],
  ['no peer', JSON.stringify({ ...greeting, peer: 7 })],
  ['no transport', JSON.stringify({ ...greeting, transport: undefined })],
  ['no remote end', JSON.stringify({ ...greeting, remote: undefined })],
  ['no address', JSON.stringify({ ...greeting, remote: { address: 7 } })],
])('a greeting with %s is refused', (_, json) => {
  const { there, mail, accepted } = twoNodes()
  there.take(HERE, `oabcdefghijkl${json}`)
  expect(mail).toEqual([{ to: HERE, text: 'nabcdefghijkl' }])
  expect(accepted).toEqual([])
  expect(there.size).toBe(0)
})

test('a greeting from what is no node is refused, and an origin that is not text is none', () => {
  const { there, mail, accepted } = twoNodes()
  there.take('not a node', `oabcdefghijkl${JSON.stringify(greeting)}`)
  expect(mail.splice(0)).toEqual([{ to: 'not a node', text: 'nabcdefghijkl' }])
  there.take(HERE, `oabcdefghijkl${JSON.stringify({ ...greeting, remote: { address: 'one', origin: 7 } })}`)
  expect(mail).toEqual([{ to: HERE, text: 'yabcdefghijkl' }])
  expect(accepted.map((one) => one.line.remote)).toEqual([{ address: 'one', origin: undefined }])
})

test('a second greeting with the id of an open line is refused, and leaves that line alone', async () => {
  const { open, carry, said, there, accepted } = twoNodes()
  const { near, heardFar } = await open()
  there.take(HERE, said[0] ?? '')
  expect(said.at(-1)).toBe(`n${near.id}`)
  expect([accepted.length, there.size]).toEqual([1, 1])
  near.send('still')
  await carry()
  expect(textsOf(heardFar)).toEqual(['still'])
})

test('a text for a line that this node does not know ends the line there, and nothing else is answered', async () => {
  const { open, carry, here, there, heard, mail, clock } = twoNodes()
  const { near, far, heardFar } = await open()
  for (const kind of ['k', 'K', 'c', 'C', 'g', 'G', 'y', 'n', '', 'x']) here.take(THERE, `${kind}zzzzzzzzzzzz1`)
  expect(mail).toEqual([])
  here.take(THERE, 'Fzzzzzzzzzzzzhello')
  here.take(THERE, 'fzzzzzzzzzzzzhello')
  expect(mail.splice(0)).toEqual([
    { to: THERE, text: 'gzzzzzzzzzzzz' },
    { to: THERE, text: 'Gzzzzzzzzzzzz' },
  ])
  there.take(HERE, `g${near.id}`)
  here.take(THERE, `G${far.id}`)
  expect([endsOf(heard), endsOf(heardFar)]).toEqual([['lost'], ['lost']])
  await carry()
  expect([here.size, there.size, clock.pending]).toEqual([0, 0, 0])
})

test('texts of an unknown kind leave a line alone', async () => {
  const { open, carry, here, there, heard } = twoNodes()
  const { near, far, heardFar } = await open()
  for (const kind of ['x', 'X', ' ']) {
    there.take(HERE, `${kind}${near.id}hello`)
    here.take(THERE, `${kind}${far.id}hello`)
  }
  near.send('one')
  far.send('two')
  await carry()
  expect([textsOf(heardFar), textsOf(heard)]).toEqual([['one'], ['two']])
  expect([endsOf(heard), endsOf(heardFar)]).toEqual([[], []])
})

test('[T7] a line of which a megabyte waits is cut at both ends; what the other end has taken makes room', async () => {
  const { open, carry, heard } = twoNodes()
  const { near, heardFar } = await open()
  const text = 'x'.repeat(60_000)
  for (let i = 0; i < 100; i += 1) {
    near.send(text)
    await carry()
  }
  expect([heardFar.frame.mock.calls.length, endsOf(heard)]).toEqual([100, []])
  // 17 of 60 016 fit into 1 048 576, less the few that the other end has not reported yet.
  for (let i = 0; i < 17; i += 1) near.send(text)
  expect(endsOf(heard)).toEqual([])
  near.send(text)
  expect(endsOf(heard)).toEqual(['lost'])
  await carry()
  expect(endsOf(heardFar)).toEqual(['lost'])
})

test('what an end has taken is reported for every 16 384 characters, frames counted with 16 of their own', async () => {
  const { open, carry, said } = twoNodes()
  const { near } = await open()
  const reports = () => said.filter((text) => text.startsWith('K')).map((text) => Number(text.slice(13)))
  near.send('x'.repeat(16_367))
  await carry()
  expect(reports()).toEqual([])
  near.send('')
  await carry()
  expect(reports()).toEqual([16_399])
  near.send('x'.repeat(16_368))
  await carry()
  expect(reports()).toEqual([16_399, 32_783])
})

test.each([
  ['more than was sent', 120_033],
  ['less than before', 1],
  ['no number', Number.NaN],
])('a report of %s makes no room', async (_, total) => {
  const { open, carry, here, heard } = twoNodes()
  const { near, far } = await open()
  const text = 'x'.repeat(60_000)
  near.send(text)
  near.send(text)
  await carry()
  here.take(THERE, `K${far.id}${total}`)
  for (let i = 0; i < 17; i += 1) near.send(text)
  expect(endsOf(heard)).toEqual([])
  near.send(text)
  expect(endsOf(heard)).toEqual(['lost'])
})

test('[T6] a text of the greatest size passes; a longer one cuts the line, whichever end lets it through', async () => {
  const { open, carry, there, heard } = twoNodes()
  const greatest = 'é'.repeat(MAX_FRAME_BYTES / 2)
  const first = await open()
  first.near.send(greatest)
  await carry()
  expect(textsOf(first.heardFar)).toEqual([greatest])
  first.near.send(`${greatest}x`)
  await carry()
  expect([endsOf(heard), endsOf(first.heardFar)]).toEqual([['lost'], ['lost']])

  const second = await open()
  there.take(HERE, `f${second.near.id}${greatest}x`)
  await carry()
  expect(textsOf(second.heardFar)).toEqual([])
  expect([endsOf(heard), endsOf(second.heardFar)]).toEqual([['lost', 'lost'], ['lost']])
})

test.each([
  ['cut', 'lost', 'lost'],
  ['cutAll', 'lost', 'lost'],
  ['close', 'local', 'remote'],
] as const)('%s ends every line to that node, at both ends', async (how, own, others) => {
  const { open, carry, here, there, heard } = twoNodes()
  const lines = [await open(), await open()]
  if (how === 'cut') {
    here.cut('other0')
    expect(here.size).toBe(2)
    here.cut(THERE)
  } else here[how]()
  await carry()
  expect(endsOf(heard)).toEqual([own, own])
  expect(lines.map((line) => endsOf(line.heardFar))).toEqual([[others], [others]])
  expect([here.size, there.size]).toEqual([0, 0])
})

test('lines to nodes that are alive stay when others are dead', async () => {
  const { open, here, heard } = twoNodes()
  await open()
  here.nodes(new Set([THERE]))
  expect([here.size, endsOf(heard)]).toEqual([1, []])
  here.nodes(new Set(['other0']))
  expect([here.size, endsOf(heard)]).toEqual([0, ['lost']])
})
