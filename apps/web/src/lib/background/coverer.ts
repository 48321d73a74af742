import type { ProcessedTrack } from '@patchbay/core/mesh'
import { backgroundChoice, coverCost, noteCover } from './background'
import type { CoverFailure, FromWorker, ToWorker } from './messages'
import { ownPicture } from './own-picture'

/** Where this browser has them; see https://www.w3.org/TR/mediacapture-transform/ and Chromium's earlier form of it. */
declare const MediaStreamTrackProcessor: new (options: { readonly track: MediaStreamTrack }) => {
  readonly readable: ReadableStream<VideoFrame>
}
declare const MediaStreamTrackGenerator: new (options: { readonly kind: 'video' }) => MediaStreamTrack & {
  readonly writable: WritableStream<VideoFrame>
}

/** What is told of one track. */
type Listener = (message: FromWorker) => void

const listeners = new Map<number, Listener>()
let worker: Worker | undefined
let lastId = 0
/** The newest id of each track: a person may turn covering off and on again before it has begun. */
const latest = new WeakMap<MediaStreamTrack, number>()

/**
 * Covers the background of a camera. Resolves with the first picture. @throws {Error} when it cannot; nothing is shown then.
 * @param withinMs how long it may take until the first picture.
 */
export async function coverTrack(track: MediaStreamTrack, withinMs: number): Promise<ProcessedTrack> {
  const id = (lastId += 1)
  const shown = new MediaStreamTrackGenerator({ kind: 'video' })
  const stream = new MediaStream([shown])
  latest.set(track, id)
  noteCover(track, { status: 'preparing' })
  const stop = () => {
    shown.stop()
    listeners.delete(id)
    coverCost.set(undefined)
    if (worker !== undefined) send(worker, { type: 'stop', id })
    // What another, later one has noted stays.
    if (latest.get(track) === id) noteCover(track, undefined)
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const begun = new Promise<void>((resolve, reject) => {
    const fail = (why: CoverFailure) => {
      stop()
      noteCover(track, { status: 'failed', why })
      reject(new Error(why === 'slow' ? 'This device is too slow.' : 'The code did not arrive, or does not run.'))
    }
    timer = setTimeout(() => fail('code'), withinMs)
    listeners.set(id, (message) => {
      switch (message.type) {
        case 'shown':
          noteCover(track, { status: 'shown', stream })
          return resolve()
        case 'busy':
          return coverCost.set({ share: message.share, every: message.every })
        case 'ended':
          stop()
          return reject(new Error('The camera was turned off.'))
        case 'failed':
          return fail(message.why)
      }
    })
    const start = async () => {
      const frames = new MediaStreamTrackProcessor({ track }).readable
      send(await openWorker(), { type: 'start', id, frames, shown: shown.writable }, [frames, shown.writable])
    }
    start().catch(() => fail('code'))
  })
  try {
    await begun
  } finally {
    clearTimeout(timer)
  }
  return { track: shown, stop }
}

/** The worker, kept for the cameras to come until no background is wanted: it holds the code and the models. */
async function openWorker(): Promise<Worker> {
  const open = (worker ??= createWorker())
  await sendLook(open)
  return open
}

function createWorker(): Worker {
  const made = new Worker(new URL('./worker.ts', import.meta.url))
  /** Every track gets the message as its last. */
  const close = (last: 'ended' | 'failed') => {
    for (const stop of stops) stop()
    made.terminate()
    worker = undefined
    for (const [id, listener] of listeners)
      listener(last === 'failed' ? { type: last, id, why: 'code' } : { type: last, id })
  }
  const change = () => (backgroundChoice.getSnapshot() === 'none' ? close('ended') : void sendLook(made))
  const stops = [backgroundChoice.subscribe(change), ownPicture.subscribe(change)]
  made.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => listeners.get(data.id)?.(data))
  // Its code did not arrive.
  made.addEventListener('error', () => close('failed'))
  return made
}

async function sendLook(to: Worker): Promise<void> {
  const background = backgroundChoice.getSnapshot()
  // A picture of one's own that is gone is not a reason to show the room.
  const look =
    background === 'own' ? ((await ownPicture.load()) ?? 'blur') : background === 'none' ? 'blur' : background
  if (backgroundChoice.getSnapshot() === background) send(to, { type: 'look', look })
}

function send(to: Worker, message: ToWorker, transfer: Transferable[] = []): void {
  to.postMessage(message, transfer)
}
