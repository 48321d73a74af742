import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InOrder } from '../src/transport/index.ts'
import { ManualClock } from './support/manual-clock.ts'

function inOrder() {
  const clock = new ManualClock()
  const delivered: string[] = []
  let losses = 0
  const order = new InOrder(clock, { deliver: (text) => delivered.push(text), lost: () => (losses += 1) })
  return { clock, delivered, order, losses: () => losses }
}

describe('numbered texts', () => {
  test('come out once and in order, whatever is doubled or swapped', () => {
    const numbers = fc
      .integer({ min: 0, max: 60 })
      .chain((length) =>
        fc.tuple(fc.constant(length), fc.array(fc.nat(Math.max(0, length - 1)), { maxLength: 40 }), fc.nat()),
      )
    fc.assert(
      fc.property(numbers, ([length, doubled, seed]) => {
        const { clock, delivered, order, losses } = inOrder()
        const all = [...Array.from({ length }, (_, n) => n), ...(length === 0 ? [] : doubled)]
        for (const n of all.toSorted((a, b) => ((a * 7 + seed) % 13) - ((b * 7 + seed) % 13))) order.take(n, `${n}`)
        expect(delivered).toEqual(Array.from({ length }, (_, n) => `${n}`))
        expect([losses(), clock.pending]).toEqual([0, 0])
      }),
    )
  })

  test('wait a second for one that is missing, from the last that was delivered', async () => {
    const { clock, delivered, order, losses } = inOrder()
    order.take(1, 'b')
    await clock.advance(900)
    order.take(0, 'a')
    expect(delivered).toEqual(['a', 'b'])
    order.take(4, 'e')
    await clock.advance(900)
    order.take(2, 'c')
    await clock.advance(900)
    expect([delivered, losses()]).toEqual([['a', 'b', 'c'], 0])
    await clock.advance(100)
    expect([losses(), clock.pending]).toEqual([1, 0])
    order.take(3, 'd')
    expect(delivered).toEqual(['a', 'b', 'c'])
  })

  test.each<[limit: string, n: number, text: string, beyond: number]>([
    ['1 024 numbers', 1_024, 'x', 1_025],
    ['262 144 code units', 1, 'x'.repeat(262_144), 2],
  ])('that are up to %s ahead are kept, and no more', (_, n, text, beyond) => {
    const { order, losses, clock } = inOrder()
    order.take(n, text)
    expect(losses()).toBe(0)
    order.take(beyond, 'x')
    expect([losses(), clock.pending]).toEqual([1, 0])
  })

  test('have an end, which is reached when all before it are there, or not in time', async () => {
    const whole = inOrder()
    let reached = 0
    whole.order.take(1, 'b')
    whole.order.finish(2, () => (reached += 1))
    await whole.clock.advance(900)
    expect(reached).toBe(0)
    whole.order.take(0, 'a')
    whole.order.take(0, 'a')
    expect([whole.delivered, reached, whole.clock.pending, whole.losses()]).toEqual([['a', 'b'], 1, 0, 0])
    const broken = inOrder()
    broken.order.finish(1, () => (reached += 1))
    await broken.clock.advance(1_000)
    expect([broken.losses(), reached]).toEqual([1, 1])
    const empty = inOrder()
    empty.order.finish(0, () => (reached += 1))
    expect(reached).toBe(2)
  })

  test('that are stopped, or stop it themselves, deliver nothing more', () => {
    const clock = new ManualClock()
    const delivered: string[] = []
    const order: InOrder = new InOrder(clock, {
      deliver: (text) => {
        delivered.push(text)
        if (text === 'b') order.stop()
      },
      lost: () => delivered.push('lost'),
    })
    order.take(2, 'c')
    order.take(1, 'b')
    order.take(0, 'a')
    order.take(3, 'd')
    expect([delivered, clock.pending]).toEqual([['a', 'b'], 0])
  })
})
