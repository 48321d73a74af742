import { colorOf, initialOf } from '../person-look'
import { type Box, layOutWithStrip, type Shape, shapeOfAvatar, shapeOfCamera, shapeOfScreen } from '../stage-layout'
import type { Scene, ScenePicture } from './scene'

/** Size of the recorded picture, and the space between tiles, in pixels. */
const PICTURE = { width: 1_280, height: 720 } as const
const GAP = 8
const RADIUS = 16
const font = '"Geist Variable", system-ui, sans-serif'

/** Draws the stage on a canvas of its own, as large as its window may be. */
export class Painter {
  readonly canvas = document.createElement('canvas')
  readonly #pen: CanvasRenderingContext2D | null
  readonly #videos = new Map<MediaStreamTrack, HTMLVideoElement>()

  constructor() {
    Object.assign(this.canvas, PICTURE)
    this.#pen = this.canvas.getContext('2d', { alpha: false })
  }

  paint({ featured, strip }: Scene): void {
    const pen = this.#pen
    if (pen === null) return
    const pictures = [...featured, ...strip]
    this.#watch(pictures.flatMap(({ track }) => track ?? []))
    pen.fillStyle = '#171411'
    pen.fillRect(0, 0, PICTURE.width, PICTURE.height)
    const shapes = (of: readonly ScenePicture[]) => of.map((picture) => shapeOf(picture, this.#videoOf(picture)))
    const boxes = layOutWithStrip(shapes(featured), shapes(strip), PICTURE, GAP)
    for (const [index, picture] of pictures.entries()) {
      const box = boxes[index]
      if (box !== undefined) drawTile(pen, picture, this.#videoOf(picture), box)
    }
  }

  close(): void {
    this.#watch([])
  }

  /** The video that plays it, once it has a frame. */
  #videoOf({ track }: ScenePicture): HTMLVideoElement | undefined {
    const video = track && this.#videos.get(track)
    return video !== undefined && video.readyState >= video.HAVE_CURRENT_DATA && video.videoWidth > 0
      ? video
      : undefined
  }

  #watch(tracks: readonly MediaStreamTrack[]): void {
    for (const [track, video] of this.#videos) {
      if (tracks.includes(track)) continue
      video.srcObject = null
      this.#videos.delete(track)
    }
    for (const track of tracks) {
      if (this.#videos.has(track)) continue
      const video = document.createElement('video')
      Object.assign(video, { muted: true, playsInline: true, srcObject: new MediaStream([track]) })
      // Rejects when the track ends meanwhile.
      video.play().catch(() => {})
      this.#videos.set(track, video)
    }
  }
}

function shapeOf({ isScreen }: ScenePicture, video: HTMLVideoElement | undefined): Shape {
  if (video === undefined) return shapeOfAvatar
  const ratio = video.videoWidth / video.videoHeight
  return isScreen ? shapeOfScreen(ratio) : shapeOfCamera(ratio)
}

function drawTile(
  pen: CanvasRenderingContext2D,
  picture: ScenePicture,
  video: HTMLVideoElement | undefined,
  box: Box,
): void {
  const { left, top, width, height } = box
  pen.save()
  pen.beginPath()
  pen.roundRect(left, top, width, height, Math.min(RADIUS, height / 6))
  pen.clip()
  pen.fillStyle = '#2b2723'
  pen.fillRect(left, top, width, height)
  if (video !== undefined) drawVideo(pen, video, box, picture.isScreen ? Math.min : Math.max)
  else drawInitial(pen, picture, box)
  drawName(pen, picture.name, box)
  pen.restore()
}

/** @param choose `Math.max` fills the box, `Math.min` shows all of the picture. */
function drawVideo(
  pen: CanvasRenderingContext2D,
  video: HTMLVideoElement,
  box: Box,
  choose: (first: number, second: number) => number,
): void {
  const scale = choose(box.width / video.videoWidth, box.height / video.videoHeight)
  const [width, height] = [video.videoWidth * scale, video.videoHeight * scale]
  pen.drawImage(video, box.left + (box.width - width) / 2, box.top + (box.height - height) / 2, width, height)
}

function drawInitial(pen: CanvasRenderingContext2D, { name, seed }: ScenePicture, box: Box): void {
  const size = Math.min(box.width, box.height) * 0.4
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2]
  pen.fillStyle = colorOf(seed)
  pen.beginPath()
  pen.arc(x, y, size / 2, 0, 2 * Math.PI)
  pen.fill()
  pen.fillStyle = '#fff'
  pen.font = `600 ${size / 2}px ${font}`
  Object.assign(pen, { textAlign: 'center', textBaseline: 'middle' })
  pen.fillText(initialOf(name), x, y)
}

function drawName(pen: CanvasRenderingContext2D, name: string, box: Box): void {
  const size = Math.max(12, Math.min(20, box.height / 12))
  pen.font = `500 ${size}px ${font}`
  Object.assign(pen, { textAlign: 'left', textBaseline: 'middle' })
  const most = box.width - 3 * size
  const width = Math.min(pen.measureText(name).width, most)
  const [left, top] = [box.left + size / 2, box.top + box.height - 2.1 * size]
  pen.fillStyle = 'rgb(0 0 0 / 65%)'
  pen.beginPath()
  pen.roundRect(left, top, width + size, 1.6 * size, size / 3)
  pen.fill()
  pen.fillStyle = '#fff'
  pen.fillText(name, left + size / 2, top + 0.85 * size, most)
}
