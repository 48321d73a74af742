import type { ProcessedMedia, TrackProcessor } from '@patchbay/core/mesh'
import { expect, test, vi } from 'vitest'
import { chooseBackground, coverBackground } from '../src/lib/background/background'

// It never arrives.
vi.mock('../src/lib/background/coverer', () => new Promise(() => {}))

test('whoever waits a minute for the code that hides their background is told that it did not arrive', async () => {
  vi.useFakeTimers()
  const outcomes: unknown[] = []
  const outgoing = {
    process: async (_: 'camera', processor: TrackProcessor) => {
      const track = { readyState: 'live' } as MediaStreamTrack
      outcomes.push(await processor(track).catch((error: unknown) => error))
    },
  }
  chooseBackground('blur')
  const stop = coverBackground(outgoing as unknown as ProcessedMedia)
  await vi.advanceTimersByTimeAsync(59_000)
  expect(outcomes).toEqual([])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(outcomes).toEqual([expect.any(Error)])
  stop()
  vi.useRealTimers()
})
