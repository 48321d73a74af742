import { expect, test } from 'vitest'
import type { MessageOf } from '../src/mesh/index.ts'
import { SafetyCheck } from '../src/mesh/safety-check.ts'

type SafetyMessage = MessageOf<'safety_commit' | 'safety_reveal'>

/** Two ends that see these certificates; `between` may alter messages from one to the other. */
function twoEnds(
  certificates: readonly [readonly [string, string], readonly [string, string]],
  between: (message: SafetyMessage) => SafetyMessage[] = (message) => [message],
) {
  const rejected: number[] = []
  const ends: SafetyCheck[] = []
  for (const here of [0, 1]) {
    ends[here] = new SafetyCheck({
      certificates: certificates[here] ?? undefined,
      send: (message) => between(message as SafetyMessage).forEach((one) => ends[1 - here]?.receive(one)),
      changed: () => {},
      cut: () => rejected.push(here),
    })
  }
  return { ends: ends as [SafetyCheck, SafetyCheck], rejected }
}

test('is the same at both ends, whichever starts it, and different each time', async () => {
  const seen = new Set<string>()
  for (let i = 0; i < 20; i += 1) {
    const { ends } = twoEnds([
      ['ada', 'bob'],
      ['bob', 'ada'],
    ])
    ends[i % 2]?.begin()
    await expect.poll(() => ends.every(({ code }) => code !== undefined)).toBe(true)
    expect(ends[0].code).toBe(ends[1].code)
    expect(ends[0].code).toMatch(/^\d{3} \d{3} \d{3}$/)
    seen.add(ends[0].code ?? '')
  }
  expect(seen.size).toBe(20)
})

test('differs when the ends see different certificates', async () => {
  const { ends } = twoEnds([
    ['ada', 'eve for ada'],
    ['bob', 'eve for bob'],
  ])
  ends[0].begin()
  await expect.poll(() => ends.every(({ code }) => code !== undefined)).toBe(true)
  expect(ends[0].code).not.toBe(ends[1].code)
})

test('a peer whose nonce does not match its commitment, or that commits twice, is rejected', async () => {
  const same = [
    ['a', 'b'],
    ['b', 'a'],
  ] as const
  const lying = twoEnds(same, (message) =>
    message.type === 'safety_reveal' ? [{ ...message, nonce: 'x'.repeat(22) }] : [message],
  )
  lying.ends[0].begin()
  await expect.poll(() => lying.rejected.length).toBe(2)
  expect(lying.ends.map(({ code }) => code)).toEqual([undefined, undefined])
  const twice = twoEnds(same, (message) => (message.type === 'safety_commit' ? [message, message] : [message]))
  twice.ends[0].begin()
  await expect.poll(() => twice.rejected.length).toBeGreaterThan(0)
})

test('a peer that reveals a nonce before any commitment is rejected', async () => {
  const { ends, rejected } = twoEnds([
    ['a', 'b'],
    ['b', 'a'],
  ])
  ends[0].receive({ type: 'safety_reveal', nonce: 'x'.repeat(22) })
  await expect.poll(() => rejected).toEqual([0])
})
