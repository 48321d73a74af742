import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  areaOf,
  type Box,
  layOut,
  layOutWithStrip,
  type Shape,
  shapeOfAvatar,
  shapeOfCamera,
  shapeOfScreen,
  type Size,
} from '../src/lib/stage-layout'

const GAP = 8
/** All of them in `pnpm nightly`: they take half a minute. */
const RUNS = { numRuns: process.env.NIGHTLY === undefined ? 2_000 : 10_000 }
const ratios = [16 / 9, 4 / 3, 1, 3 / 4, 9 / 16]

const space = fc.record({ width: fc.integer({ min: 120, max: 3_840 }), height: fc.integer({ min: 80, max: 2_160 }) })
/** A picture's ratio, and whether it is of a screen, which is not cut. */
const picture = fc.record({ ratio: fc.constantFrom(...ratios), screen: fc.boolean() })
type Picture = typeof picture extends fc.Arbitrary<infer P> ? P : never
const shapeOf = ({ ratio, screen }: Picture) => (screen ? shapeOfScreen(ratio) : shapeOfCamera(ratio))
/** People's cameras are mostly of one shape. */
const pictures = (maxLength: number) =>
  fc.oneof(
    fc.array(picture, { minLength: 1, maxLength }),
    fc
      .tuple(fc.constantFrom(...ratios), fc.integer({ min: 1, max: maxLength }))
      .map(([ratio, length]) => Array.from({ length }, () => ({ ratio, screen: false }))),
  )

const EPSILON = 1e-6
const overlap = (a: Box, b: Box) =>
  a.left + a.width > b.left + EPSILON &&
  b.left + b.width > a.left + EPSILON &&
  a.top + a.height > b.top + EPSILON &&
  b.top + b.height > a.top + EPSILON

/** Whether all boxes have a size, are inside the space, and none lies over another. */
function areApart(boxes: readonly Box[], { width, height }: Size): boolean {
  return boxes.every(
    (box, index) =>
      Math.min(box.width, box.height) > 0 &&
      Math.min(box.left, box.top) > -EPSILON &&
      box.left + box.width < width + EPSILON &&
      box.top + box.height < height + EPSILON &&
      !boxes.slice(index + 1).some((other) => overlap(box, other)),
  )
}

/** The area of the best of all ways to cut the order into rows, with every amount of cropping in steps of 1 %. */
function bestArea(shapes: readonly Shape[], { width, height }: Size, gap: number): number {
  let best = 0
  for (let cuts = 0; cuts < 2 ** (shapes.length - 1); cuts += 1) {
    const rows: Shape[][] = [[]]
    shapes.forEach((shape, index) => {
      rows.at(-1)?.push(shape)
      if (index < shapes.length - 1 && (cuts >> index) % 2 === 1) rows.push([])
    })
    for (let crop = 0; crop <= 15; crop += 1) {
      const ratio = ({ narrowest, widest }: Shape) => widest - ((widest - narrowest) * crop) / 15
      const sums = rows.map((row) => row.reduce((sum, shape) => sum + ratio(shape), 0))
      const tallest = (height - gap * (rows.length - 1)) / rows.length
      const fitting = sums.map((sum, index) => (width - gap * ((rows[index]?.length ?? 1) - 1)) / sum)
      const tall = Math.min(tallest, ...fitting)
      if (tall > 0) best = Math.max(best, tall ** 2 * sums.reduce((sum, each) => sum + each, 0))
    }
  }
  return best
}

describe('the layout of the stage', () => {
  test('places every tile inside the space, and none over another', () => {
    fc.assert(
      fc.property(pictures(30), space, (shown, size) => {
        const boxes = layOut(shown.map(shapeOf), size, GAP)
        expect(boxes).toHaveLength(shown.length)
        expect(areApart(boxes, size)).toBe(true)
      }),
      RUNS,
    )
  }, 120_000)

  test('cuts at most 15 % off a picture, at its sides, and nothing off a screen', () => {
    fc.assert(
      fc.property(pictures(30), space, (shown, size) => {
        const boxes = layOut(shown.map(shapeOf), size, GAP)
        const cropped = shown.map(({ ratio }, index) => {
          const { width = 0, height = 1 } = boxes[index] ?? {}
          return 1 - width / height / ratio
        })
        expect(Math.min(...cropped)).toBeGreaterThan(-EPSILON)
        expect(cropped.every((part, index) => part < (shown[index]?.screen === true ? 0 : 0.15) + EPSILON)).toBe(true)
      }),
      RUNS,
    )
  }, 120_000)

  test('covers at least 95 % of what the best of all arrangements in rows covers', () => {
    fc.assert(
      fc.property(pictures(8), space, (shown, size) => {
        const shapes = shown.map(shapeOf)
        const gap = Math.min(GAP, Math.min(size.width, size.height) / 50)
        expect(areaOf(layOut(shapes, size, GAP))).toBeGreaterThan(0.95 * bestArea(shapes, size, gap))
      }),
      RUNS,
    )
  }, 120_000)

  test.each([600, 1 / 600])('leaves tiles most of their height beside a picture of the ratio %d', (odd) => {
    const usual = shapeOfCamera(16 / 9)
    const size = { width: 1_366, height: 700 }
    const heightWith = (last: Shape) => layOut([usual, usual, usual, last], size, GAP)[0]?.height ?? 0
    for (const shape of [shapeOfCamera(odd), shapeOfScreen(odd)])
      expect(heightWith(shape)).toBeGreaterThan(0.6 * heightWith(usual))
  })

  test('gives pictures of one shape one size, in reading order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), space, (count, size) => {
        const boxes = layOut(Array<Shape>(count).fill(shapeOfCamera(16 / 9)), size, GAP)
        expect(new Set(boxes.map(({ width, height }) => `${width.toFixed(3)} ${height.toFixed(3)}`)).size).toBe(1)
        boxes.slice(1).forEach((box, index) => {
          const before = boxes[index] as Box
          expect(box.top > before.top + EPSILON || box.left > before.left).toBe(true)
        })
      }),
    )
  })

  test('shows two people one above the other on a wide stage, uncut', () => {
    const [first, second] = layOut([shapeOfCamera(16 / 9), shapeOfCamera(16 / 9)], { width: 1_000, height: 800 }, GAP)
    expect(first?.height).toBe(396)
    expect(first?.width).toBeCloseTo(704)
    expect(second?.top).toBe(404)
  })

  test('leaves a gap between two people side by side', () => {
    const [first, second] = layOut([shapeOfCamera(1), shapeOfCamera(1)], { width: 1_000, height: 300 }, GAP)
    expect(second?.left).toBe((first?.left ?? 0) + 300 + 6)
  })

  test('leaves an empty stage and one without a size empty', () => {
    expect(layOut([], { width: 100, height: 100 }, GAP)).toEqual([])
    expect(layOut([shapeOfAvatar], { width: 0, height: 100 }, GAP)).toEqual([])
  })
})

describe('a stage with a strip', () => {
  test('keeps large and small tiles apart, and gives the large ones more', () => {
    fc.assert(
      fc.property(pictures(3), pictures(12), space, (large, small, size) => {
        const boxes = layOutWithStrip(large.map(shapeOf), small.map(shapeOf), size, GAP)
        expect(boxes).toHaveLength(large.length + small.length)
        expect(areApart(boxes, size)).toBe(true)
      }),
      RUNS,
    )
  }, 120_000)

  test('lies beside a screen where the stage is wider than it, and below on a phone held upright', () => {
    const people = [shapeOfAvatar, shapeOfAvatar, shapeOfAvatar]
    const [screen, ...beside] = layOutWithStrip([shapeOfScreen(4 / 3)], people, { width: 1_440, height: 700 }, GAP)
    expect(beside.every(({ left }) => left >= (screen?.left ?? 0) + (screen?.width ?? 0))).toBe(true)
    const [above, ...below] = layOutWithStrip([shapeOfScreen(16 / 9)], people, { width: 374, height: 380 }, GAP)
    expect(below.every(({ top }) => top >= (above?.top ?? 0) + (above?.height ?? 0))).toBe(true)
  })
})
