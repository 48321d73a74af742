import { expect, test } from 'vitest'
import { build, BUILD_HEADER, endsCall } from '../src/lib/build'

const other = new Headers({ [BUILD_HEADER]: `not ${build}` })

test('the router would end the call of a room whose server has another build of the page', () => {
  expect(endsCall('/r/tea', other)).toBe(true)
  expect(endsCall('/r/tea', new Headers({ [BUILD_HEADER]: build }))).toBe(false)
})

test('on a page without a call the router ends none', () => {
  for (const path of ['/', '/check']) expect(endsCall(path, other), path).toBe(false)
})

test('an answer whose build a proxy has taken away counts as one of this build', () => {
  expect(endsCall('/r/tea', new Headers())).toBe(false)
})
