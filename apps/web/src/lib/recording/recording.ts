import { createStore } from '@patchbay/core/store'
import { createLazyCode } from '../lazy-code'
import { within } from '../within'
import type { Recorder } from './recorder'
import type { Scene } from './scene'

/** What this page records. */
export type RecordingState =
  | { readonly status: 'none' }
  | { readonly status: 'starting' }
  /** `sinceMs`: by the clock of `performance.now()`. */
  | { readonly status: 'recording'; readonly sinceMs: number }
  | { readonly status: 'saving' }
  /** `failed`: it ended before the person wanted. */
  | { readonly status: 'saved'; readonly name: string; readonly url: string; readonly failed: boolean }
  | { readonly status: 'refused' }

/** What to record, and whom to tell. */
export interface RecordingSource {
  /** What is seen and heard at that moment. */
  readonly look: () => Scene
  /** Tells everyone whether this page records. */
  readonly announce: (isRecording: boolean) => void
  /** The room's title. */
  readonly title: string
}

/** Whoever leaves waits for what was recorded no longer than this, in milliseconds. */
const SAVE_MS = 10_000

/** How long the code may take to arrive and begin, in milliseconds. */
const START_MS = 20_000

const recorderCode = createLazyCode(() => import('./recorder'))
const state = createStore<RecordingState>({ status: 'none' })
let stop: (() => void) | undefined
/** Fulfilled when the last recording has been saved, or has come to nothing. */
let running = Promise.resolve()

/** The state of the recording; it outlives the room, until what was recorded is saved. */
export const recording = { subscribe: state.subscribe, getSnapshot: state.getSnapshot }

/** Tells everyone, then records until {@link stopRecording}; the state says what has become of it. */
export function startRecording(source: RecordingSource): void {
  const { status } = state.getSnapshot()
  if (status === 'starting' || status === 'recording' || status === 'saving') return
  dismissRecording()
  running = record(source)
}

/** Never rejects. */
async function record(source: RecordingSource): Promise<void> {
  state.set({ status: 'starting' })
  const over = new AbortController()
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => {
      over.abort()
      resolve(undefined)
    }
  })
  source.announce(true)
  const starting = startRecorder(source.look, over.signal)
  let recorder: Recorder | undefined
  try {
    recorder = await Promise.race([within(START_MS, starting), stopped])
    if (recorder === undefined) return state.set({ status: 'none' })
    const begunAt = new Date()
    const wanted = recorder
    stop = () => {
      state.set({ status: 'saving' })
      wanted.stop()
    }
    state.set({ status: 'recording', sinceMs: performance.now() })
    window.addEventListener('beforeunload', hold)
    const { file, ending, failed, discard } = await recorder.ended
    if (file.size === 0) {
      // Nothing of it fitted on the disk.
      await discard().catch(() => {})
      return state.set({ status: 'refused' })
    }
    const name = `${fileTitle(source.title)} ${stampOf(begunAt)}.${ending}`
    const url = URL.createObjectURL(file)
    Object.assign(document.createElement('a'), { href: url, download: name }).click()
    state.set({ status: 'saved', name, url, failed })
  } catch {
    state.set({ status: 'refused' })
  } finally {
    over.abort()
    // It may still come.
    if (recorder === undefined) starting.then(throwAway).catch(() => {})
    stop = undefined
    window.removeEventListener('beforeunload', hold)
    source.announce(false)
  }
}

/** @throws {DOMException} when the recording is over before the code is there: everyone has been told so. */
async function startRecorder(look: () => Scene, over: AbortSignal): Promise<Recorder> {
  const code = await recorderCode.load()
  over.throwIfAborted()
  return code.Recorder.start(look)
}

async function throwAway(recorder: Recorder): Promise<void> {
  recorder.stop()
  await (await recorder.ended).discard()
}

/** Ends the recording and saves it. */
export function stopRecording(): void {
  stop?.()
}

/** Ends the recording, if there is one, and waits until it is saved, but not for ever. Never rejects. */
export async function finishRecording(): Promise<void> {
  stopRecording()
  await within(SAVE_MS, running).catch(() => {})
}

/** Forgets what was recorded. The browser may still be copying it to the downloads, so it is deleted from its disk a day later. */
export function dismissRecording(): void {
  const before = state.getSnapshot()
  if (before.status !== 'saved' && before.status !== 'refused') return
  if (before.status === 'saved') URL.revokeObjectURL(before.url)
  state.set({ status: 'none' })
}

/** Closing the page would end the recording: the browser asks. */
function hold(event: BeforeUnloadEvent): void {
  event.preventDefault()
}

/** What file systems take of a title. */
function fileTitle(title: string): string {
  return (
    title
      .replaceAll(/[\p{Cc}\p{Cf}\\/:*?"<>|.]/gu, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim()
      .slice(0, 80) || 'Patchbay'
  )
}

/** Date and time of day here, so that names sort by time: `2026-11-26 15.04`. */
function stampOf(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}.${two(at.getMinutes())}`
}
