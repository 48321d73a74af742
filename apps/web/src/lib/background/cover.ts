import { placeCovering } from './covering'
import { drawScene, type Scene } from './scenes'

/** What is seen instead of the background: itself blurred, a picture drawn by code, or one's own. */
export type Look = 'blur' | Scene | ImageBitmap

/** Says how much each pixel belongs to a person, 0 to 1, row by row; nothing where it could not tell. */
export type Segment = (image: ImageData) => Float32Array

/** Height that the background is shrunk to before it is blurred, in pixels: what is written on a wall cannot be read then. */
const BLURRED_HEIGHT = 90
const BLUR = 'blur(3px)'
/** What is surely background or surely a person; between them the edge is soft. */
const EDGE = { from: 0.4, to: 0.9 }

/** A canvas whose size may change. */
function createLayer(options?: CanvasRenderingContext2DSettings) {
  const canvas = new OffscreenCanvas(1, 1)
  const context = canvas.getContext('2d', options)
  if (context === null) throw new Error('There is no canvas.')
  const resize = (width: number, height: number) => {
    if (canvas.width === width && canvas.height === height) return false
    canvas.width = width
    canvas.height = height
    return true
  }
  return { canvas, context, resize }
}

/** Draws pictures of a camera with another background; each call returns the same canvas. */
export function createCover(): (
  frame: VideoFrame,
  look: Look,
  size: readonly [number, number],
  segment: Segment,
) => OffscreenCanvas {
  const small = createLayer({ willReadFrequently: true })
  const mask = createLayer()
  const behind = createLayer()
  const shown = createLayer()
  let drawn: Look | undefined
  const drawBehind = (frame: VideoFrame, look: Look) => {
    const { displayWidth: width, displayHeight: height } = frame
    if (look === 'blur') {
      behind.resize(Math.round((width / height) * BLURRED_HEIGHT), BLURRED_HEIGHT)
      behind.context.filter = BLUR
      // Small already, which spares reading the whole frame once more.
      behind.context.drawImage(small.canvas, 0, 0, behind.canvas.width, behind.canvas.height)
    } else if (behind.resize(width, height) || drawn !== look) {
      behind.context.filter = 'none'
      if (typeof look === 'string') drawScene(look, behind.context, width, height)
      else drawCovering(behind.context, look, width, height)
    }
    drawn = look
  }
  return (frame, look, [width, height], segment) => {
    small.resize(width, height)
    small.context.drawImage(frame, 0, 0, width, height)
    const pixels = small.context.getImageData(0, 0, width, height)
    const person = segment(pixels)
    // Otherwise all of the room would be shown.
    if (person.length !== width * height) throw new Error('It is not known where the person is.')
    for (let index = 0; index < person.length; index += 1) {
      const within = ((person[index] ?? 0) - EDGE.from) / (EDGE.to - EDGE.from)
      // Values out of range are clamped.
      pixels.data[4 * index + 3] = 255 * within
    }
    mask.resize(width, height)
    mask.context.putImageData(pixels, 0, 0)
    drawBehind(frame, look)
    const { canvas, context } = shown
    shown.resize(frame.displayWidth, frame.displayHeight)
    context.globalCompositeOperation = 'copy'
    context.drawImage(mask.canvas, 0, 0, canvas.width, canvas.height)
    context.globalCompositeOperation = 'source-in'
    context.drawImage(frame, 0, 0, canvas.width, canvas.height)
    context.globalCompositeOperation = 'destination-over'
    context.drawImage(behind.canvas, 0, 0, canvas.width, canvas.height)
    return canvas
  }
}

/** Draws a picture as large as needed for nothing to stay empty. */
function drawCovering(
  context: OffscreenCanvasRenderingContext2D,
  picture: ImageBitmap,
  width: number,
  height: number,
): void {
  const placed = placeCovering(picture, { width, height })
  // Transparent pictures do not show the room behind them.
  context.fillStyle = '#2b2723'
  context.fillRect(0, 0, width, height)
  context.drawImage(picture, placed.left, placed.top, placed.width, placed.height)
}
