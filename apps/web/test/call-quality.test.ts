import { expect, test } from 'vitest'
import { judgeCall, type PathQuality } from '../src/lib/call-quality'

const path = (name: string, trouble: Partial<PathQuality> = {}): PathQuality => ({
  name,
  cause: 'people',
  incomingLoss: 0,
  outgoingLoss: 0.01,
  roundTripMs: 40,
  isRelayed: false,
  ...trouble,
})

test('nothing is wrong where nothing is lost, slow or busy', () => {
  expect(judgeCall([])).toEqual({ kind: 'alone' })
  expect(judgeCall([path('Ada'), path('Bob', { cause: 'view' })])).toEqual({ kind: 'good' })
  expect(judgeCall([path('Ada', { isRelayed: true })]), 'a relay that is quick').toEqual({ kind: 'good' })
})

test('what is so with everyone is one’s own doing, what is so with some is theirs', () => {
  const slow = { cause: 'path' } as const
  expect(judgeCall([path('Ada', slow), path('Bob', slow)])).toEqual({ kind: 'uplink' })
  expect(judgeCall([path('Ada', slow), path('Bob')])).toEqual({ kind: 'slowTo', names: ['Ada'] })
  expect(judgeCall([path('Ada', slow)]), 'with one there is no telling').toEqual({ kind: 'slowTo', names: ['Ada'] })
  const lossy = { incomingLoss: 0.2 }
  expect(judgeCall([path('Ada', lossy), path('Bob', lossy)])).toEqual({ kind: 'downlink' })
  expect(judgeCall([path('Ada'), path('Bob', lossy)])).toEqual({ kind: 'lostFrom', names: ['Bob'] })
})

test('sound that does not arrive there counts as slow, also without a camera', () => {
  const quiet = { cause: undefined, outgoingLoss: 0.3 }
  expect(judgeCall([path('Ada', quiet), path('Bob', quiet)])).toEqual({ kind: 'uplink' })
})

test('a busy device is told before anything that may follow from it', () => {
  expect(judgeCall([path('Ada', { cause: 'cpu' }), path('Bob', { cause: 'path' })])).toEqual({ kind: 'device' })
})

test('a relay is told when it is far away', () => {
  expect(judgeCall([path('Ada', { isRelayed: true, roundTripMs: 600 })])).toEqual({ kind: 'relay', names: ['Ada'] })
})
