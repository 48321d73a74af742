import { createCover, type Look } from './cover'
import type { FromWorker, ToWorker } from './messages'
import { fullPace, nextPace } from './pace'
import { createSegmenter, type Segmenter, type Shape } from './segmenter'

/** How often the page is told what it takes, in milliseconds. */
const REPORT_MS = 1_000

/** Set by the first message. */
let look: Look = 'blur'
const running = new Map<number, AbortController>()

const tell = (message: FromWorker) => self.postMessage(message, { transfer: [] })

/** A segmenter that was asked for. */
interface Load {
  readonly arriving: Promise<Segmenter>
  /** Once it has arrived. */
  segmenter?: Segmenter
  /** It did not arrive: the next track asks for it anew. */
  hasFailed?: true
}
const loads = new Map<Shape, Load>()

function load(shape: Shape): Load {
  const begun = loads.get(shape)
  if (begun !== undefined) return begun
  const fresh: Load = { arriving: createSegmenter(shape) }
  fresh.arriving.then(
    (segmenter) => (fresh.segmenter = segmenter),
    () => (fresh.hasFailed = true),
  )
  loads.set(shape, fresh)
  return fresh
}

/**
 * The segmenter for pictures of this size. A phone may be turned in the middle of a call: the one that is there finds people in
 * pictures of the other shape too, less well, until theirs has arrived.
 */
function segmenterFor({ displayWidth, displayHeight }: VideoFrame): Segmenter | Promise<Segmenter> {
  const [shape, other] = displayWidth > displayHeight ? (['wide', 'tall'] as const) : (['tall', 'wide'] as const)
  const { segmenter, arriving } = load(shape)
  return segmenter ?? loads.get(other)?.segmenter ?? arriving
}

/** Covers the background in each picture of a track. Pictures that come meanwhile are passed over. */
function createTransform(id: number): TransformStream<VideoFrame, VideoFrame> {
  const cover = createCover()
  let pace = fullPace
  let count = 0
  let busyMs = 0
  let since = performance.now()
  const report = (now: number) => {
    const share = busyMs / (now - since)
    const next = nextPace(pace, share, now - since)
    if (next === 'too slow') throw new SlowError()
    pace = next
    busyMs = 0
    since = now
    tell({ type: 'busy', id, share, every: pace.every })
  }
  return new TransformStream({
    async transform(frame, controller) {
      try {
        const segmenter = await segmenterFor(frame)
        count += 1
        if (count === 1) since = performance.now()
        if (count % pace.every !== 0) return
        const begun = performance.now()
        const canvas = cover(frame, look, segmenter.size, segmenter.segment)
        const { timestamp, duration } = frame
        controller.enqueue(new VideoFrame(canvas, { timestamp, alpha: 'discard', ...(duration && { duration }) }))
        const now = performance.now()
        // The first one compiles and warms up.
        if (count > 1) busyMs += now - begun
        else tell({ type: 'shown', id })
        if (now - since >= REPORT_MS) report(now)
      } finally {
        frame.close()
      }
    },
  })
}

class SlowError extends Error {}

async function run({ id, frames, shown }: Extract<ToWorker, { type: 'start' }>): Promise<void> {
  const ending = new AbortController()
  running.set(id, ending)
  for (const [shape, { hasFailed }] of loads) if (hasFailed) loads.delete(shape)
  try {
    await frames.pipeThrough(createTransform(id)).pipeTo(shown, { signal: ending.signal })
    tell({ type: 'ended', id })
  } catch (error) {
    if (!ending.signal.aborted) tell({ type: 'failed', id, why: error instanceof SlowError ? 'slow' : 'code' })
  } finally {
    running.delete(id)
  }
}

self.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  switch (data.type) {
    case 'start':
      return void run(data)
    case 'stop':
      return running.get(data.id)?.abort()
    case 'look':
      look = data.look
  }
})
