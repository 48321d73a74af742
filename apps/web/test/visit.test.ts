import { expect, test } from 'vitest'
import { isIn, isOver } from '../src/lib/visit'

const online = { status: 'online', line: 'websocket', sinceMs: 0 } as never
const forbidden = { status: 'refused', code: 'forbidden' } as const

test('a call goes on, with its buttons, while the server lets its person into the room no longer', () => {
  expect([isOver(online, forbidden, 1), isIn(forbidden, 1)]).toEqual([false, true])
  expect([isOver(online, forbidden, 0), isIn(forbidden, 0)], 'nobody is left').toEqual([true, false])
})

test('a visit is over for whoever a host has removed, and when the server has closed the line', () => {
  expect(isOver(online, { status: 'refused', code: 'removed' }, 1)).toBe(true)
  expect(isOver({ status: 'closed', code: 'unauthorized' } as never, forbidden, 1)).toBe(true)
  expect(isOver({ status: 'closed', code: 'bye' } as never, { status: 'left' }, 0)).toBe(false)
})
