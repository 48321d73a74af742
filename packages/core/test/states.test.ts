import { describe, expect, test } from 'vitest'
import { backoffMs, nextClientState } from '../src/client/index.ts'
import { LendingBucket } from '../src/hub/lending-bucket.ts'
import { isPolite, mediaFailureOf, nextLinkState } from '../src/mesh/index.ts'

test('exactly one of two peers is polite', () => {
  expect([isPolite('a', 'b'), isPolite('b', 'a')]).toEqual([true, false])
})

describe('states', () => {
  test('a link that was open heals; one that never was keeps connecting', () => {
    const connecting = nextLinkState({ phase: 'connecting', attempt: 1 }, 'silent')
    expect(nextLinkState(connecting, 'retried')).toEqual({ phase: 'connecting', attempt: 2 })
    const healing = nextLinkState(nextLinkState(connecting, 'opened'), 'silent')
    expect(nextLinkState(healing, 'retried')).toEqual({ phase: 'healing', attempt: 2 })
    expect(nextLinkState(healing, 'opened')).toEqual({ phase: 'connected' })
    expect(nextLinkState(nextLinkState(healing, 'closed'), 'opened')).toEqual({ phase: 'closed' })
  })

  test('a closed client stays closed', () => {
    const closed = nextClientState({ status: 'connecting' }, { type: 'closed', code: 'superseded' })
    expect(nextClientState(closed, { type: 'welcomed', line: 'x' })).toEqual({ status: 'closed', code: 'superseded' })
  })

  test.each([
    ['NotAllowedError', 'denied'],
    ['NotFoundError', 'missing'],
    ['NotReadableError', 'busy'],
    ['TypeError', 'failed'],
  ])('%s from getUserMedia means %s', (name, reason) => {
    expect(mediaFailureOf(Object.assign(new Error('no'), { name }))).toBe(reason)
  })
})

describe('back-off', () => {
  test('raises its ceiling by half up to 1.5 s, after 40 attempts up to 8 s, and draws uniformly below it', () => {
    expect([0, 1, 2, 5, 40, 41, 42, 50, 1e9].map((attempt) => backoffMs(attempt, 0.999999))).toEqual(
      [250, 375, 562.5, 1_500, 1_500, 2_250, 3_375, 8_000, 8_000].map((ceiling) => expect.closeTo(ceiling, -1)),
    )
    expect(backoffMs(45, 0.999999, { minMs: 100, maxMs: 200 })).toBeCloseTo(200, 0)
    expect(backoffMs(3, 0)).toBe(0)
  })
})

describe('token bucket', () => {
  test('lets a burst through, then a steady rate, and reports how long the rate has been exceeded', () => {
    const bucket = new LendingBucket({ perSecond: 10, burst: 5 }, 0)
    expect(Array.from({ length: 5 }, () => bucket.take(1, 0))).toEqual([0, 0, 0, 0, 0])
    expect(bucket.take(1, 0)).toBe(0)
    expect(bucket.take(1, 100)).toBe(100)
    expect(bucket.take(0, 1_000)).toBe(0)
    expect(bucket.take(11, 1_000)).toBe(Infinity)
  })
})
