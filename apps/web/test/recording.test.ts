import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
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
  const create = () => {
    let end = () => {}
    const ended = new Promise((resolve) => {
      end = () => resolve({ file: new Blob(), discard })
    })
    return { stop: () => end(), ended }
  }
  return { discard, create, start: vi.fn(() => Promise.resolve(create())) }
})
vi.mock('../src/lib/recording/recorder', async () => {
  await code.arrived
  return { Recorder: { start: recorder.start } }
})

const announce = vi.fn<(isRecording: boolean) => void>()
const start = () => startRecording({ look: vi.fn(), announce, title: 'Tea' })
const said = () => announce.mock.calls.map(([isRecording]) => isRecording)
const status = () => recording.getSnapshot().status

beforeAll(() => vi.stubGlobal('window', new EventTarget()))
afterAll(() => vi.unstubAllGlobals())
beforeEach(() => void vi.clearAllMocks())

test('a recording whose code does not arrive can be stopped, and holds nobody back who leaves; it does not begin when the code arrives', async () => {
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

  start()
  code.arrive()
  await expect.poll(status).toBe('recording')
  expect(recorder.start, 'of three recordings the one that nobody has stopped begins').toHaveBeenCalledTimes(1)
  expect(said()).toEqual([true, false, true, false, true])
  await finishRecording()
})

test('a recorder that begins after the recording was stopped is thrown away', async () => {
  let begin = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  recorder.start.mockReturnValueOnce(begun.then(recorder.create))
  start()
  await expect.poll(() => recorder.start.mock.calls).toHaveLength(1)
  await finishRecording()
  expect(said()).toEqual([true, false])
  begin()
  await expect.poll(() => recorder.discard.mock.calls).toHaveLength(1)
  expect(recording.getSnapshot()).toEqual({ status: 'none' })
})
