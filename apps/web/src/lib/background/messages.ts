import type { Look } from './cover'

/** What the page tells the worker. */
export type ToWorker =
  | {
      readonly type: 'start'
      readonly id: number
      readonly frames: ReadableStream<VideoFrame>
      readonly shown: WritableStream<VideoFrame>
    }
  | { readonly type: 'stop'; readonly id: number }
  | { readonly type: 'look'; readonly look: Look }

/** Why there is no picture: the code or the model did not arrive or does not run, or the device is too slow. */
export type CoverFailure = 'code' | 'slow'

/** What the worker tells the page of the tracks it was given. */
export type FromWorker =
  | { readonly type: 'shown'; readonly id: number }
  | { readonly type: 'busy'; readonly id: number; readonly share: number; readonly every: 1 | 2 }
  | { readonly type: 'ended'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly why: CoverFailure }
