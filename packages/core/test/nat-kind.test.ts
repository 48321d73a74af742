import { expect, test } from 'vitest'
import { type GatheredCandidate, natKindOf } from '../src/check/index.ts'

const one = 'stun:203.0.113.1:3478'
const two = 'stun:203.0.113.2:3478'
const host = (address = '192.168.1.2'): GatheredCandidate => ({
  kind: 'host',
  protocol: 'udp',
  address,
  port: 5_000,
  relatedPort: undefined,
})
const mapped = (port: number, relatedPort = 5_000): GatheredCandidate => ({
  kind: 'srflx',
  protocol: 'udp',
  address: '203.0.113.9',
  port,
  relatedPort,
})
const tcp: GatheredCandidate = { ...host(), protocol: 'tcp' }

test.each<[string, GatheredCandidate[], string[], string[], boolean?]>([
  ['none', [host('203.0.113.9'), tcp], [], [one, two]],
  ['cone', [host(), mapped(6_000), tcp], [], [one, two]],
  ['cone', [host(), mapped(6_000, 5_000), mapped(7_000, 5_001)], [], [one, two]],
  ['cone', [host(), host('127.0.0.1'), mapped(6_000)], [one, two], [one, two]],
  ['none', [host('203.0.113.9'), host('127.0.0.1')], [one, two], [one, two]],
  ['unknown', [host(), mapped(6_000)], [], [one, `${one.replace('stun', 'turn')}?transport=udp`]],
  ['blocked', [host()], [], [one, two], false],
  ['blocked', [host('203.0.113.9')], [], [one, two], false],
  ['symmetric', [host(), mapped(6_000), mapped(6_001)], [], [one, two]],
  ['unknown', [host(), mapped(6_000)], [two], [one, two]],
  ['unknown', [host(), mapped(6_000)], [], [one]],
  ['unknown', [host()], [], []],
  ['unknown', [host('0a1b.local')], [], [one, two]],
  ['blocked', [host(), tcp], [one, two], [one, two]],
  ['blocked', [host('203.0.113.9')], [one, two], [one, two]],
])('a NAT is taken for %s by its mappings (%#)', (kind, candidates, failed, urls, complete = true) => {
  expect(natKindOf({ candidates, failed, complete }, urls)).toBe(kind)
})
