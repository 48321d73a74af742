import { expect, test } from 'vitest'
import { type Place, read, remove, write } from '../src/lib/storage'

const refused = (): never => {
  throw new DOMException('The person has storage turned off.', 'SecurityError')
}

/** A place that keeps texts, unless it is `full`. */
function createPlace() {
  const kept = new Map<string, string>()
  const state = { isFull: false }
  const place: Place = () => ({
    length: kept.size,
    key: () => null,
    clear: () => kept.clear(),
    getItem: (key) => kept.get(key) ?? null,
    removeItem: (key) => kept.delete(key),
    setItem: (key, value) => {
      if (state.isFull) throw new DOMException('There is no room left.', 'QuotaExceededError')
      kept.set(key, value)
    },
  })
  return { place, kept, state }
}

test('a text that the browser refuses to store is there until the page is closed', () => {
  const other: Place = () => refused()
  expect(read(refused, 'name')).toBeUndefined()
  write(refused, 'name', 'Ada')
  expect(read(refused, 'name')).toBe('Ada')
  expect(read(other, 'name')).toBeUndefined()
  remove(refused, 'name')
  expect(read(refused, 'name')).toBeUndefined()
})

test('where storage is full, what was written last is read', () => {
  const { place, kept, state } = createPlace()
  write(place, 'name', 'Ada')
  state.isFull = true
  write(place, 'name', 'Ada Lovelace')
  expect(read(place, 'name')).toBe('Ada Lovelace')
  state.isFull = false
  write(place, 'name', 'Countess')
  expect(kept.get('name')).toBe('Countess')
})

test('what another page stores later is read', () => {
  const { place, kept } = createPlace()
  write(place, 'name', 'Ada')
  kept.set('name', 'Bob')
  expect(read(place, 'name')).toBe('Bob')
})
