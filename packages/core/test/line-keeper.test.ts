import { expect, test } from 'vitest'
import { LineKeeper } from '../src/client/line-keeper.ts'
import { LinePolicy } from '../src/client/line-policy.ts'
import type { ConnectionHandlers, Dialer } from '../src/transport/index.ts'
import { drainMicrotasks, ManualClock } from './support/manual-clock.ts'

/** A keeper of the lines `first` and `second`, whose ends are in the test's hands. */
function keeperOf() {
  const handlers = new Map<string, ConnectionHandlers>()
  const dialer = (name: string): Dialer => ({
    name,
    dial: (given) => {
      handlers.set(name, given)
      return Promise.resolve({ id: name, send: () => {}, close: () => given.close('local') })
    },
  })
  const lost: string[] = []
  const keeper: LineKeeper = new LineKeeper(
    {
      policy: new LinePolicy([dialer('first'), dialer('second')], 'first', undefined),
      clock: new ManualClock(),
      random: () => 0.5,
      backoff: { minMs: 250, maxMs: 8_000 },
    },
    {
      opened: (line) => void keeper.greets(line),
      frame: () => {},
      lost: ({ id }) => void lost.push(id),
      failed: () => {},
      outage: () => {},
    },
  )
  return { keeper, lost, end: (name: string) => handlers.get(name)?.close('lost') }
}

test.each([[['second']], [['first', 'second']]])(
  'the session hears that its line is lost when during a move these end: %j',
  async (ends) => {
    const { keeper, lost, end } = keeperOf()
    keeper.dial()
    await drainMicrotasks()
    keeper.welcomed()
    const switched = keeper.switchTo('second')
    await drainMicrotasks()
    for (const name of ends) end(name)
    await expect(switched).rejects.toThrow('did not open in time')
    expect(lost).toEqual(['first'])
  },
)
