import { expect, test } from 'vitest'
import { personAccount } from '../src/person-account.ts'

test.each([0, 1, 500, 999])('an account does not outlive the grant, %i ms into a second', (after) => {
  const now = 1_763_980_800_000 + after
  const exchange = { domain: 'exchange.example', secret: 'what the exchange shares', lifetimeMs: 3_600_000 }
  const { username } = personAccount({ subject: 'ada', expiresInMs: 60_000 }, exchange, now)
  const end = 1_000 * Number(username.split(':')[0])
  expect(end).toBeLessThanOrEqual(now + 60_000)
  expect(end).toBeGreaterThan(now + 59_000)
})
