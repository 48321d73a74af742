import { expect, test } from 'vitest'
import { cameraFacingAway, type FacingCamera } from '../src/lib/camera-facing'

const phone: readonly FacingCamera[] = [
  { id: 'front', facing: 'user' },
  { id: 'wide', facing: 'environment' },
  { id: 'telephoto', facing: 'environment' },
]

test('a phone’s camera changes sides, and back again', () => {
  expect(cameraFacingAway(phone, 'front')).toBe('wide')
  expect(cameraFacingAway(phone, 'telephoto')).toBe('front')
})

test('cameras that do not say which way they look, or all look one way, have no other side', () => {
  expect(
    cameraFacingAway(
      phone.map(({ id }) => ({ id, facing: undefined })),
      'front',
    ),
  ).toBeUndefined()
  expect(cameraFacingAway(phone.slice(1), 'wide')).toBeUndefined()
  expect(cameraFacingAway(phone, 'unplugged')).toBeUndefined()
})
