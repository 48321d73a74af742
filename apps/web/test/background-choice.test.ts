import type { ProcessedMedia, TrackProcessor } from '@patchbay/core/mesh'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { chooseBackground, coverBackground } from '../src/lib/background/background'

// It never arrives.
vi.mock('../src/lib/background/coverer', () => new Promise(() => {}))

/** What is asked to cover a camera's picture: the outcome of each try, and what was tried. */
function createOutgoing() {
  const outcomes: unknown[] = []
  const processors: (TrackProcessor | undefined)[] = []
  const track = { readyState: 'live' } as MediaStreamTrack
  const process = async (_: 'camera', processor: TrackProcessor | undefined) => {
    processors.push(processor)
    outcomes.push(await processor?.(track).catch((error: unknown) => error))
  }
  return { outcomes, processors, outgoing: { process } as unknown as ProcessedMedia }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('whoever waits a minute for the code that hides their background is told that it did not arrive', async () => {
  const { outcomes, outgoing } = createOutgoing()
  chooseBackground('blur')
  const stop = coverBackground(outgoing)
  await vi.advanceTimersByTimeAsync(59_000)
  expect(outcomes).toEqual([])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(outcomes).toEqual([expect.any(Error)])
  stop()
})

test('a camera whose background could not be hidden is tried anew with the next choice, also of the same', async () => {
  const { outcomes, processors, outgoing } = createOutgoing()
  chooseBackground('blur')
  const stop = coverBackground(outgoing)
  await vi.advanceTimersByTimeAsync(1_000)
  chooseBackground('own')
  expect(processors, 'it is being tried').toHaveLength(1)
  await vi.advanceTimersByTimeAsync(59_000)
  expect(outcomes).toHaveLength(1)
  chooseBackground('own')
  expect(processors).toHaveLength(2)
  expect(new Set(processors).size, 'the same function would not be called again').toBe(2)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(outcomes).toHaveLength(2)
  chooseBackground('none')
  chooseBackground('none')
  expect(processors.slice(2)).toEqual([undefined])
  stop()
})
