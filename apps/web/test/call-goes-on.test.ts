import { expect, test } from 'vitest'
import { goesOn } from '../src/lib/use-call-goes-on'

test('a call goes on while its connections heal, and is lost when they stay down, or were not there', () => {
  const healing = { isDown: true, connected: false, isLost: false }
  expect(goesOn(true, healing)).toBe(true)
  expect(goesOn(true, { ...healing, connected: true })).toBe(true)
  expect(goesOn(true, { ...healing, isLost: true })).toBe(false)
  expect(goesOn(false, healing), 'alone from the beginning').toBe(false)
  expect(goesOn(true, { ...healing, isDown: false }), 'everybody has left').toBe(false)
})
