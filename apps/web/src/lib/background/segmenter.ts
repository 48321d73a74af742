import { ImageSegmenter } from '@mediapipe/tasks-vision'
import type { Segment } from './cover'
import { describeModel } from './model'

const wasm = {
  wasmLoaderPath: new URL('@mediapipe/tasks-vision/vision_wasm_internal.js', import.meta.url).href,
  wasmBinaryPath: new URL('@mediapipe/tasks-vision/vision_wasm_internal.wasm', import.meta.url).href,
}
const models = {
  wide: new URL('@mediapipe/selfie_segmentation/selfie_segmentation_landscape.tflite', import.meta.url).href,
  tall: new URL('@mediapipe/selfie_segmentation/selfie_segmentation.tflite', import.meta.url).href,
}
/** What each model takes, in pixels. */
const sizes = { wide: [256, 144], tall: [256, 256] } as const

/** A picture is wide, or as high as wide or higher. */
export type Shape = keyof typeof models

/** Finds people in pictures of one shape. */
export interface Segmenter {
  readonly size: readonly [number, number]
  readonly segment: Segment
}

/** Fetches what is needed, once. @throws {Error} when it does not arrive, or does not run here. */
export async function createSegmenter(shape: Shape): Promise<Segmenter> {
  const answer = await fetch(models[shape])
  if (!answer.ok) throw new Error(`The model did not arrive: ${answer.status}.`)
  const modelAssetBuffer = describeModel(new Uint8Array(await answer.arrayBuffer()))
  const segmenter = await ImageSegmenter.createFromOptions(wasm, {
    // Where there is a graphics processor, encoding and the page itself need it.
    baseOptions: { modelAssetBuffer, delegate: 'CPU' },
    runningMode: 'VIDEO',
    outputConfidenceMasks: true,
    outputCategoryMask: false,
  })
  let found = new Float32Array()
  return {
    size: sizes[shape],
    segment: (image) => {
      segmenter.segmentForVideo(image, performance.now(), ({ confidenceMasks }) => {
        // Its memory is used anew for the next picture.
        found = confidenceMasks?.[0]?.getAsFloat32Array().slice() ?? new Float32Array()
      })
      return found
    },
  }
}
