import { expect, test } from 'vitest'
import { readPreview } from '../src/lib/use-room-preview'

test('a preview shows names that can be shown, and none of a sealed room', () => {
  expect(readPreview({ people: 3, names: ['Ada', '\u200b', '…'], title: ' Friday ' })).toEqual({
    people: 3,
    names: ['Ada'],
    title: 'Friday',
  })
})

test.each([null, 'busy', {}, { people: '2', names: [] }, { people: 2 }])('%j is no preview', (answer) => {
  expect(readPreview(answer)).toBeUndefined()
})
