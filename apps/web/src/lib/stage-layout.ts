/** A size in CSS pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** Where a tile is, in CSS pixels from the top left of the space. */
export interface Box extends Size {
  readonly left: number
  readonly top: number
}

/** The ratios of width to height that a tile may have. */
export interface Shape {
  readonly narrowest: number
  readonly widest: number
}

/** Largest part of a picture that its tile may cut off. It is cut at the sides, because foreheads and chins are not there. */
const MAX_CROP = 0.15
/** The ratios that pictures get tiles for, so that one member's odd picture does not take the others' room. */
const CAMERA_RATIOS = [9 / 21, 21 / 9] as const
const SCREEN_RATIOS = [1 / 4, 4] as const
/** Steps of the search for the shortest row: enough for a thousandth of a pixel. */
const SEARCH_STEPS = 30
/** The strip of small tiles: its part of the height or width, and its bounds in CSS pixels. */
const STRIP = { part: 0.2, height: [64, 140], width: [104, 220], most: 1 / 3 } as const

/** A person's picture; it fills its tile. @param ratio of width to height. */
export function shapeOfCamera(ratio: number): Shape {
  const widest = clamp(ratio, CAMERA_RATIOS)
  return { narrowest: widest * (1 - MAX_CROP), widest }
}

/** A screen: nothing of it is cut off; its tile may be larger. @param ratio of width to height. */
export function shapeOfScreen(ratio: number): Shape {
  const widest = clamp(ratio, SCREEN_RATIOS)
  return { narrowest: widest, widest }
}

/** A person without a picture: their initial fits any shape that is not a strip. */
export const shapeOfAvatar: Shape = { narrowest: 1.2, widest: 16 / 9 }

/**
 * Places tiles in rows, in their order, so that they cover as much of the space as possible. All tiles have one height, and
 * tiles of one shape one size. Rows and the whole are centered.
 */
export function layOut(shapes: readonly Shape[], space: Size, gap: number): readonly Box[] {
  const { width, height } = space
  if (shapes.length === 0 || width <= 0 || height <= 0) return []
  // In a tiny space, gaps of the usual size would leave nothing for tiles.
  const between = Math.min(gap, Math.min(width, height) / 50)
  let best: Rows | undefined
  for (let count = 1; count <= shapes.length; count += 1) {
    for (const openness of [1, 0]) {
      const rows = fit(splitEvenly(shapes, openness, count, space, between), space, between)
      if (rows.height > 0 && (best === undefined || rows.area > best.area)) best = rows
    }
  }
  return best === undefined ? [] : place(best, space, between)
}

/**
 * Places tiles that matter more in the larger part of the space and the others in a strip below or beside them, whichever
 * leaves the first ones more room. @returns the boxes of `featured`, then those of `others`.
 */
export function layOutWithStrip(
  featured: readonly Shape[],
  others: readonly Shape[],
  space: Size,
  gap: number,
): readonly Box[] {
  if (featured.length === 0 || others.length === 0) return layOut([...featured, ...others], space, gap)
  const { width, height } = space
  const stripHeight = stripSize(height, STRIP.height)
  const stripWidth = stripSize(width, STRIP.width)
  const arrange = (main: Size, strip: Box) => {
    const large = layOut(featured, main, gap)
    const small = layOut(others, strip, gap).map(({ left, top, ...size }) => ({
      ...size,
      left: left + strip.left,
      top: top + strip.top,
    }))
    return { boxes: [...large, ...small], area: areaOf(large) }
  }
  const below = arrange(
    { width, height: height - stripHeight - gap },
    { left: 0, top: height - stripHeight, width, height: stripHeight },
  )
  const beside = arrange(
    { width: width - stripWidth - gap, height },
    { left: width - stripWidth, top: 0, width: stripWidth, height },
  )
  return (below.area >= beside.area ? below : beside).boxes
}

/** The sum of the areas of the boxes, in square pixels. */
export function areaOf(boxes: readonly Box[]): number {
  return boxes.reduce((sum, { width, height }) => sum + width * height, 0)
}

/** Tiles in rows: their common height, and how far between its narrowest and widest ratio each is, 0 to 1. */
interface Rows {
  readonly rows: readonly (readonly Shape[])[]
  readonly height: number
  readonly openness: number
  readonly area: number
}

const ratioAt = ({ narrowest, widest }: Shape, openness: number) => narrowest + openness * (widest - narrowest)
const sumAt = (row: readonly Shape[], openness: number) => row.reduce((sum, shape) => sum + ratioAt(shape, openness), 0)

/** Splits shapes into at most `count` rows so that the longest is as short as possible. */
function splitEvenly(
  shapes: readonly Shape[],
  openness: number,
  count: number,
  { height }: Size,
  gap: number,
): readonly (readonly Shape[])[] {
  const each = Math.max(height / count - gap, 1)
  const lengths = shapes.map((shape) => ratioAt(shape, openness) * each + gap)
  const fill = (limit: number) => {
    const rows: Shape[][] = []
    let left = 0
    shapes.forEach((shape, index) => {
      const length = lengths[index] ?? 0
      if (rows.length === 0 || length > left) {
        rows.push([])
        left = limit
      }
      rows.at(-1)?.push(shape)
      left -= length
    })
    return rows
  }
  let [low, high] = [Math.max(...lengths), lengths.reduce((sum, length) => sum + length, 1)]
  for (let step = 0; step < SEARCH_STEPS; step += 1) {
    const middle = (low + high) / 2
    if (fill(middle).length <= count) high = middle
    else low = middle
  }
  return fill(high)
}

/** The largest tiles with which the rows fit. Pictures are cut only as far as this makes the whole larger. */
function fit(rows: readonly (readonly Shape[])[], { width, height }: Size, gap: number): Rows {
  const tallest = (height - (rows.length - 1) * gap) / rows.length
  const lengths = rows.map((row) => width - (row.length - 1) * gap)
  const fitting = (openness: number) =>
    Math.min(tallest, ...rows.map((row, index) => (lengths[index] ?? 0) / sumAt(row, openness)))
  // With less cropping a row at a time becomes too long for the greatest height; the best is at or near one of these turns.
  const highest = fitting(0)
  const turns = rows.map((row, index) => {
    const [least, most] = [sumAt(row, 0), sumAt(row, 1)]
    const turn = most > least ? ((lengths[index] ?? 0) / highest - least) / (most - least) : 1
    return Math.min(1, Math.max(0, turn))
  })
  let best: Rows = { rows, height: 0, openness: 0, area: 0 }
  for (const openness of [1, ...turns, 0]) {
    const common = fitting(openness)
    const area = common > 0 ? common ** 2 * sumAt(rows.flat(), openness) : 0
    if (area > best.area) best = { rows, height: common, openness, area }
  }
  return best
}

function place({ rows, height, openness }: Rows, space: Size, gap: number): readonly Box[] {
  const above = (space.height - rows.length * height - (rows.length - 1) * gap) / 2
  return rows.flatMap((row, index) => {
    let left = (space.width - height * sumAt(row, openness) - (row.length - 1) * gap) / 2
    return row.map((shape) => {
      const width = height * ratioAt(shape, openness)
      const box = { left, top: above + index * (height + gap), width, height }
      left += width + gap
      return box
    })
  })
}

function stripSize(whole: number, bounds: readonly [number, number]): number {
  return Math.min(clamp(whole * STRIP.part, bounds), whole * STRIP.most)
}

function clamp(value: number, [least, most]: readonly [number, number]): number {
  return Math.min(Math.max(value, least), most)
}
