import { expect, test } from 'vitest'
import { type Step, threeLines } from './simulator/schedule.ts'
import { Simulation } from './simulator/simulation.ts'

/** A room with this many pages; then the server dies, and then the path between the first two. */
async function breakPath(pages: number): Promise<Simulation> {
  const simulation = new Simulation(1, threeLines)
  await simulation.play([
    ...Array.from({ length: pages }, (_, who): Step => ({ at: 0, what: 'join', who })),
    { at: 4_000, what: 'unreachable', who: 0 },
    { at: 4_000, what: 'restart', who: 0 },
    { at: 5_000, what: 'split', who: 0 },
    { at: 5_500, what: 'chat', who: 0 },
  ])
  // Up to 3.5 s until silence is detected, and a round trip.
  await simulation.clock.advance(4_000)
  return simulation
}

test('[R19] with the server dead, a broken path is restored through a third member', async () => {
  const three = await breakPath(3)
  expect(three.phases()).toEqual(Array<string>(6).fill('connected'))
  expect(await three.run([])).toEqual([])
})

test('without a third member it stays broken until the server is back, and no message is lost', async () => {
  const two = await breakPath(2)
  expect(two.phases()).toEqual(['healing', 'healing'])
  expect(await two.run([])).toEqual([])
})
