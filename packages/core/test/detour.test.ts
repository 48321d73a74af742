import { expect, test } from 'vitest'
import { type Step, threeLines } from './simulator/schedule.ts'
import { Simulation } from './simulator/simulation.ts'

/** So many pages in a room, then the server dies, and then the path between the first two. */
async function breakPath(pages: number): Promise<Simulation> {
  const simulation = new Simulation(1, threeLines)
  await simulation.play([
    ...Array.from({ length: pages }, (_, who): Step => ({ at: 0, what: 'join', who })),
    { at: 4_000, what: 'unreachable', who: 0 },
    { at: 4_000, what: 'restart', who: 0 },
    { at: 5_000, what: 'split', who: 0 },
    { at: 5_500, what: 'chat', who: 0 },
  ])
  // Up to 3.5 s until the silence is noticed, and a round trip.
  await simulation.clock.advance(4_000)
  return simulation
}

test('[R19] with the server dead, a path that broke is mended by way of a third member', async () => {
  const three = await breakPath(3)
  expect(three.phases()).toEqual(Array<string>(6).fill('connected'))
  expect(await three.run([])).toEqual([])
})

test('with nobody to go by it stays broken until the server is back, and nothing said is lost', async () => {
  const two = await breakPath(2)
  expect(two.phases()).toEqual(['healing', 'healing'])
  expect(await two.run([])).toEqual([])
})
