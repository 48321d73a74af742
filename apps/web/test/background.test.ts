// oxlint-disable no-underscore-dangle -- FlatBuffers’ own names for what reads a table.
import { ByteBuffer } from 'flatbuffers'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { placeCovering, sizeWithin } from '../src/lib/background/covering'
import { describeModel } from '../src/lib/background/model'
import { fullPace, nextPace, type Pace } from '../src/lib/background/pace'

const { resolve } = createRequire(import.meta.url)
const packaged = (path: string) => readFileSync(resolve(path))

/** What a second each of these shares of a core leads to. */
const after = (...shares: number[]) =>
  shares.reduce<Pace | 'too slow'>(
    (pace, share) => (pace === 'too slow' ? pace : nextPace(pace, share, 1_000)),
    fullPace,
  )

test('what is too heavy for four seconds is done half as often, and ends when that is too heavy as well', () => {
  expect(after(0.9, 0.9, 0.9)).toMatchObject({ every: 1 })
  expect(after(0.9, 0.9, 0.9, 0.9)).toMatchObject({ every: 2, heavyMs: 0 })
  expect(after(0.9, 0.9, 0.9, 0.9, 0.7, 0.7, 0.7)).toMatchObject({ every: 2 })
  expect(after(0.9, 0.9, 0.9, 0.9, 0.7, 0.7, 0.7, 0.7)).toBe('too slow')
})

test('a moment of much work changes nothing', () => {
  expect(after(0.9, 0.9, 0.9, 0.3, 0.9, 0.9, 0.9)).toMatchObject({ every: 1 })
  expect(after(0.5, 0.5, 0.5, 0.5, 0.5, 0.5)).toEqual(fullPace)
})

test('a device that has had little to do for twenty seconds shows every picture again', () => {
  const halved = [0.9, 0.9, 0.9, 0.9]
  expect(after(...halved, ...Array<number>(19).fill(0.1))).toMatchObject({ every: 2 })
  expect(after(...halved, ...Array<number>(20).fill(0.1))).toEqual(fullPace)
  expect(after(...halved, ...Array<number>(40).fill(0.4))).toMatchObject({ every: 2 })
})

test.each(['selfie_segmentation', 'selfie_segmentation_landscape'])(
  'the model %s gets a description and keeps its bytes',
  (name) => {
    const model = packaged(`@mediapipe/selfie_segmentation/${name}.tflite`)
    const described = describeModel(model)
    const buffer = new ByteBuffer(described)
    expect(buffer.__has_identifier('TFL3')).toBe(true)
    const at = Buffer.from(described).indexOf(model)
    expect(at % 16, 'the tensors stay where they can be read').toBe(0)
    expect(described.length - model.length).toBeLessThan(2_048)
    const root = buffer.readInt32(0)
    const metadata = root + buffer.__offset(root, 4 + 2 * 6)
    const entry = buffer.__indirect(buffer.__vector(metadata))
    expect(buffer.__string(entry + buffer.__offset(entry, 4))).toBe('TFLITE_METADATA')
  },
)

test('what is no model is not taken for one', () => {
  expect(() => describeModel(new TextEncoder().encode('<!doctype html><title>404</title>'))).toThrow(RangeError)
  expect(() => describeModel(new Uint8Array())).toThrow(RangeError)
})

test('the code that finds people names no server: later versions report their use', () => {
  for (const part of ['', '/vision_wasm_internal.js'])
    expect(packaged(`@mediapipe/tasks-vision${part}`).toString()).not.toMatch(/https:\/\/[\w.-]*googleapis/)
})

test('a picture of one’s own is kept no larger than the largest camera, and cut in its middle', () => {
  const largest = { width: 1_280, height: 720 }
  const upright = { width: 3_000, height: 4_000 }
  expect(sizeWithin(upright, largest)).toEqual(largest)
  expect(sizeWithin({ width: 6_000, height: 1_000 }, largest)).toEqual(largest)
  expect(sizeWithin({ width: 300, height: 2_000 }, largest)).toEqual({ width: 300, height: 720 })
  expect(sizeWithin({ width: 640, height: 480 }, largest)).toEqual({ width: 640, height: 480 })
  const { left, top, width, height } = placeCovering(upright, largest)
  expect([left, width]).toEqual([0, 1_280])
  expect(height).toBeCloseTo(1_706.7, 1)
  expect(top).toBeCloseTo(-(height - 720) / 2)
})
