import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { playChime } from '../src/lib/chimes'

/** Pitches of the notes that were played, in hertz. */
const pitches: number[] = []

class Tone extends EventTarget {
  constructor(_: unknown, { frequency }: { readonly frequency: number }) {
    super()
    pitches.push(frequency)
  }
  connect = <T>(next: T): T => next
  start(): void {}
  stop(): void {
    queueMicrotask(() => this.dispatchEvent(new Event('ended')))
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  const ramp = () => {}
  const gain = { setValueAtTime: ramp, linearRampToValueAtTime: ramp, exponentialRampToValueAtTime: ramp }
  vi.stubGlobal('navigator', { userActivation: { hasBeenActive: true } })
  vi.stubGlobal(
    'AudioContext',
    class {
      readonly state = 'running'
      async resume(): Promise<void> {}
      async close(): Promise<void> {}
    },
  )
  vi.stubGlobal('OscillatorNode', Tone)
  vi.stubGlobal(
    'GainNode',
    class {
      readonly gain = gain
      connect = <T>(next: T): T => next
    },
  )
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('three messages at once are one sound, and one a while later is another', async () => {
  for (let i = 0; i < 3; i += 1) await playChime('message', undefined)
  expect(pitches).toEqual([988])
  vi.advanceTimersByTime(1_400)
  await playChime('join', undefined)
  expect(pitches).toEqual([988])
  vi.advanceTimersByTime(100)
  await playChime('join', undefined)
  expect(pitches).toEqual([988, 523, 784])
})
