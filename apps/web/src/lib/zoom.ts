import type { Size } from './stage-layout'

/** A picture that is looked at more closely: how many times larger, and how far its middle is moved, in CSS pixels. */
export interface Zoom {
  readonly scale: number
  readonly x: number
  readonly y: number
}

/** A place in a picture, in CSS pixels from the middle of its frame. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** The whole picture. */
export const unzoomed: Zoom = { scale: 1, x: 0, y: 0 }
/** As close as one can look. */
const MAX_SCALE = 8

const clamp = (value: number, most: number) => Math.min(Math.max(value, -most), most) || 0

/** Moves the picture, but no further than its edges. */
export function panBy({ scale, x, y }: Zoom, by: Point, { width, height }: Size): Zoom {
  const room = (scale - 1) / 2
  return { scale, x: clamp(x + by.x, room * width), y: clamp(y + by.y, room * height) }
}

/** Magnifies the picture `factor` times more; what is at `at` stays there, as far as the edges allow. */
export function zoomBy({ scale, x, y }: Zoom, factor: number, at: Point, size: Size): Zoom {
  const next = Math.min(Math.max(scale * factor, 1), MAX_SCALE)
  const ratio = next / scale
  return panBy({ scale: next, x: at.x - (at.x - x) * ratio, y: at.y - (at.y - y) * ratio }, { x: 0, y: 0 }, size)
}
