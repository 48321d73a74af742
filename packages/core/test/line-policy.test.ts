import { describe, expect, test } from 'vitest'
import { AUTO, LinePolicy } from '../src/client/line-policy.ts'
import type { Dialer } from '../src/transport/index.ts'

const dialerOf = (name: string): Dialer => ({ name, dial: () => Promise.reject(new Error('not dialed here')) })
const [a, b, c] = ['a', 'b', 'c'].map(dialerOf) as [Dialer, Dialer, Dialer]
const all = [a, b, c]

/** What would be dialed, and for how long. */
const next = (policy: LinePolicy) => {
  const { dialer, timeoutMs } = policy.next()
  return `${dialer.name} ${timeoutMs}`
}

function remembering(name?: string) {
  const written: string[] = []
  return { read: () => name, write: (text: string) => void written.push(text), written }
}

describe('which line is dialed', () => {
  test('is the best, then each worse one, and then the best again', () => {
    const policy = new LinePolicy(all, AUTO, undefined)
    expect(policy.names).toEqual(['a', 'b', 'c'])
    const dialed = all.map((dialer) => {
      const now = [next(policy), policy.isLast(dialer)]
      policy.failed(dialer)
      return now
    })
    // The last one is not hurried: there is nothing to try behind it.
    expect(dialed).toEqual([
      ['a 3000', false],
      ['b 3000', false],
      ['c 8000', true],
    ])
    expect(next(policy)).toBe('a 3000')
  })

  test('is first the one that worked last, in this visit or the one before', () => {
    const memory = remembering('c')
    const policy = new LinePolicy(all, AUTO, memory)
    expect(next(policy)).toBe('c 3000')
    policy.worked(b)
    expect(next(policy)).toBe('b 3000')
    policy.failed(b)
    expect(next(policy)).toBe('a 3000')
    expect(memory.written).toEqual(['b'])
    expect(next(new LinePolicy(all, AUTO, remembering('gone')))).toBe('a 3000')
  })

  test('is none that is remembered where nothing can be, and a storage that throws disturbs nobody', () => {
    const broken = () => {
      throw new Error('The quota has been exceeded.')
    }
    const policy = new LinePolicy(all, AUTO, { read: broken, write: broken })
    expect(next(policy)).toBe('a 3000')
    policy.worked(b)
    expect(next(policy)).toBe('b 3000')
  })

  test('is the chosen one and no other, which is not remembered', () => {
    const memory = remembering()
    const policy = new LinePolicy(all, 'b', memory)
    expect(policy.choice).toBe('b')
    expect([next(policy), policy.isLast(a), policy.isLast(b)]).toEqual(['b 8000', false, true])
    policy.failed(b)
    expect(next(policy)).toBe('b 8000')
    policy.worked(b)
    expect(memory.written).toEqual([])
    policy.choose(AUTO)
    expect([policy.choice, next(policy)]).toEqual([AUTO, 'a 3000'])
  })

  test('is chosen from those there are', () => {
    expect(() => new LinePolicy([], AUTO, undefined)).toThrow(RangeError)
    expect(() => new LinePolicy(all, 'd', undefined)).toThrow(RangeError)
    const policy = new LinePolicy(all, 'a', undefined)
    expect(() => policy.choose('d')).toThrow('auto, a, b, c')
    expect(policy.choice).toBe('a')
  })

  test('begins with the first again when another choice is made', () => {
    const policy = new LinePolicy(all, AUTO, undefined)
    policy.failed(a)
    policy.choose(AUTO)
    expect(next(policy)).toBe('a 3000')
  })

  test('begins with the first again when a line has worked', () => {
    const policy = new LinePolicy(all, AUTO, undefined)
    policy.failed(a)
    policy.failed(b)
    policy.worked(a)
    expect(next(policy)).toBe('a 3000')
    policy.failed(a)
    policy.failed(b)
    // A line has worked: the last one is tried for less long.
    expect(next(policy)).toBe('c 4500')
  })
})

describe('while nobody answers', () => {
  /** Tries in a row that nobody answered, from the `from`th on. */
  const tries = (policy: LinePolicy, from: number, to: number) => {
    const dialed: string[] = []
    for (let n = 1; n <= to; n += 1) {
      policy.failed(policy.next().dialer, true)
      if (n >= from) dialed.push(next(policy))
    }
    return dialed
  }
  const worked = (choice = AUTO) => {
    const policy = new LinePolicy(all, choice, undefined)
    policy.worked(b)
    return policy
  }

  test('tries are short, each eighth is longer and of the best line, each 64th is the longest', () => {
    const dialed = tries(worked(), 1, 64)
    expect(dialed.slice(0, 8)).toEqual(['a 1000', 'c 1000', 'b 1000', 'a 1000', 'c 1000', 'b 1000', 'a 1000', 'b 4500'])
    expect(dialed.filter((one) => one.endsWith(' 4500'))).toEqual(Array(7).fill('b 4500'))
    expect(dialed.at(-1)).toBe('b 8000')
  })

  test('and nobody ever has, tries are as long as ever', () => {
    expect(tries(new LinePolicy([a], AUTO, undefined), 1, 3)).toEqual(Array(3).fill('a 8000'))
  })

  test('tries are short until somebody does, be it only to say no', () => {
    const refused = worked('b')
    expect(tries(refused, 1, 2)).toEqual(['b 1000', 'b 1000'])
    refused.failed(b)
    expect(next(refused)).toBe('b 4500')
    const welcomed = worked('b')
    tries(welcomed, 1, 2)
    welcomed.worked(b)
    expect(next(welcomed)).toBe('b 4500')
  })
})

describe('a better line', () => {
  const waits = (policy: LinePolicy, from: Dialer, times: number) =>
    Array.from({ length: times }, () => {
      const { dialer, waitMs } = policy.upgradeFrom(from) ?? {}
      policy.trying()
      return dialer && `${dialer.name} ${waitMs}`
    })

  test('is tried after a while, each in turn, each wait twice the last, up to five minutes', () => {
    expect(waits(new LinePolicy(all, AUTO, undefined), c, 8)).toEqual([
      'a 5000',
      'b 10000',
      'a 20000',
      'b 40000',
      'a 80000',
      'b 160000',
      'a 300000',
      'b 300000',
    ])
  })

  test('than the best there is not, nor than the one that was chosen', () => {
    expect(new LinePolicy(all, AUTO, undefined).upgradeFrom(a)).toBeUndefined()
    expect(new LinePolicy(all, 'c', undefined).upgradeFrom(c)).toBeUndefined()
  })

  test('is tried soon again once the best has lasted, or another choice was made, and not for less', () => {
    const policy = new LinePolicy(all, AUTO, undefined)
    waits(policy, b, 3)
    policy.lasted(b)
    expect(waits(policy, b, 1)).toEqual(['a 40000'])
    policy.lasted(a)
    expect(waits(policy, b, 2)).toEqual(['a 5000', 'a 10000'])
    policy.choose(AUTO)
    expect(waits(policy, b, 1)).toEqual(['a 5000'])
  })
})
