import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { finishRecording, recording, startRecording, stopRecording } from '../src/lib/recording/recording'

const code = vi.hoisted(() => {
  let arrive = () => {}
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  return { arrive, arrived }
})
const recorder = vi.hoisted(() => {
  const discard = vi.fn(() => Promise.resolve())
  return { discard, stop: vi.fn(), ended: Promise.resolve({ discard }) }
})
vi.mock('../src/lib/recording/recorder', async () => {
  await code.arrived
  return { Recorder: { start: () => Promise.resolve(recorder) } }
})

const announce = vi.fn<(isRecording: boolean) => void>()
const start = () => startRecording({ look: vi.fn(), announce, title: 'Tea' })
const said = () => announce.mock.calls.map(([isRecording]) => isRecording)

beforeAll(() => vi.stubGlobal('window', new EventTarget()))
afterAll(() => vi.unstubAllGlobals())

test('a recording whose code does not arrive can be stopped, and holds nobody back who leaves', async () => {
  start()
  expect(recording.getSnapshot()).toEqual({ status: 'starting' })
  stopRecording()
  await expect.poll(recording.getSnapshot).toEqual({ status: 'none' })
  expect(said()).toEqual([true, false])
  start()
  const left = performance.now()
  await finishRecording()
  expect(performance.now() - left).toBeLessThan(1_000)
  expect(said()).toEqual([true, false, true, false])
  code.arrive()
  await expect.poll(() => recorder.discard.mock.calls, { message: 'what comes late is thrown away' }).toHaveLength(2)
  expect(recorder.stop).toHaveBeenCalledTimes(2)
  expect(recording.getSnapshot()).toEqual({ status: 'none' })
})
