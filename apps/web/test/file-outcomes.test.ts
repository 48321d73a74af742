import type { Transfer } from '@patchbay/core/files'
import { expect, test } from 'vitest'
import { newlyOver } from '../src/lib/file-outcomes'

const moving = (key: string) => ({ key, state: { phase: 'moving', bytes: 0, bytesPerSecond: 0 } }) as Transfer
const stopped = (key: string) => ({ key, state: { phase: 'stopped', why: 'declined', byUs: false } }) as Transfer

test('the end of a file is told when it was seen under way before, and the last five of many', () => {
  expect(newlyOver([], [stopped('old')], [])).toEqual([])
  expect(newlyOver([moving('a'), moving('b')], [stopped('a'), moving('b')], [])).toEqual(['a'])
  expect(newlyOver([stopped('a'), moving('b')], [stopped('a'), stopped('b')], ['a'])).toEqual(['a', 'b'])
  const keys = ['1', '2', '3', '4', '5', '6', '7']
  expect(newlyOver(keys.map(moving), keys.map(stopped), ['a'])).toEqual(keys.slice(-5))
})
