import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { panBy, type Point, unzoomed, type Zoom, zoomBy } from '../src/lib/zoom'

const size = { width: 800, height: 600 }
const point = fc.record({ x: fc.integer({ min: -400, max: 400 }), y: fc.integer({ min: -300, max: 300 }) })
const act = fc.oneof(
  fc.record({ factor: fc.double({ min: 0.2, max: 5, noNaN: true }), at: point }),
  fc.record({ by: point }),
)
const apply = (zoom: Zoom, done: { factor?: number; at?: Point; by?: Point }) =>
  done.by === undefined ? zoomBy(zoom, done.factor ?? 1, done.at ?? { x: 0, y: 0 }, size) : panBy(zoom, done.by, size)

test('a picture always covers its frame, between whole and eight times as large', () => {
  fc.assert(
    fc.property(fc.array(act), (acts) => {
      const { scale, x, y } = acts.reduce(apply, unzoomed)
      expect(scale).toBeGreaterThanOrEqual(1)
      expect(scale).toBeLessThanOrEqual(8)
      expect(Math.abs(x)).toBeLessThanOrEqual(((scale - 1) * size.width) / 2 + 1e-6)
      expect(Math.abs(y)).toBeLessThanOrEqual(((scale - 1) * size.height) / 2 + 1e-6)
    }),
  )
})

test('what is under the pointer stays under it', () => {
  const at = { x: 100, y: -50 }
  const seen = ({ scale, x, y }: Zoom) => [(at.x - x) / scale, (at.y - y) / scale]
  const before = zoomBy(unzoomed, 3, { x: 0, y: 0 }, size)
  expect(seen(zoomBy(before, 1.5, at, size))).toEqual(seen(before).map((each) => expect.closeTo(each)))
})

test('a picture that is shrunk to its frame is whole again', () => {
  expect(zoomBy(zoomBy(unzoomed, 4, { x: 200, y: 100 }, size), 0.01, { x: 0, y: 0 }, size)).toEqual(unzoomed)
})
