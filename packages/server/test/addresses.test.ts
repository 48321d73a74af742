import { afterEach, describe, expect, test, vi } from 'vitest'
import { AddressLimits } from '../src/address-limits.ts'
import { clientAddressOf, createTrust } from '../src/client-address.ts'

afterEach(() => void vi.restoreAllMocks())

describe('X-Forwarded-For', () => {
  const request = (remoteAddress: string, forwarded?: string) =>
    ({
      socket: { remoteAddress },
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    }) as unknown as Parameters<typeof clientAddressOf>[0]
  const trust = createTrust(['loopback', '10.0.0.0/8'])

  test.each([
    ['a stranger who sends one', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['a proxy', '10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['a proxy behind a proxy', '127.0.0.1', '198.51.100.1, 10.9.9.9', '198.51.100.1'],
    ['a client of a proxy that adds one of its own', '10.1.2.3', '192.0.2.66, 198.51.100.1', '198.51.100.1'],
    ['a proxy that adds ports', '10.1.2.3', '192.0.2.66:1, 203.0.113.5:51234, 10.9.9.9:443', '203.0.113.5'],
    ['a proxy that adds ports to IPv6', '10.1.2.3', '[2001:db8::1]:443', '2001:db8::1'],
    ['a proxy that adds brackets', '10.1.2.3', '[2001:db8::1]', '2001:db8::1'],
    ['a proxy that passes rubbish on', '10.1.2.3', 'x'.repeat(14_000), '10.1.2.3'],
    ['a proxy without one', '10.1.2.3', undefined, '10.1.2.3'],
  ])('of %s', (_, socket, forwarded, address) => {
    expect(clientAddressOf(request(socket, forwarded), trust)).toBe(address)
  })
})

test('all addresses of one IPv6 network count as one', () => {
  const limits = new AddressLimits({ lines: 100, linesPerAddress: 2, newLinesPerSecond: 100 })
  const admitted = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:0:1::1'].map((address) =>
    limits.admit(address),
  )
  expect(admitted.map((undo) => undo !== undefined)).toEqual([true, true, false, true])
})

/** Addresses of as many networks. */
const networks = (count: number) =>
  Array.from({ length: count }, (_, i) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`)

test('however many networks have something open, few newcomers have all of them looked through', () => {
  const limits = new AddressLimits({ lines: 1e6, linesPerAddress: 2, newLinesPerSecond: 10 })
  const walks = vi.spyOn(Map.prototype, Symbol.iterator)
  for (const address of networks(60_000)) limits.admit(address)
  expect(walks.mock.calls.length).toBeLessThan(5)
})

test('an address that has asked for too much has done so, however many others come', () => {
  vi.spyOn(performance, 'now').mockReturnValue(0)
  const limits = new AddressLimits({ lines: 1e6, linesPerAddress: 2, newLinesPerSecond: 1 })
  for (let i = 0; i < 5; i += 1) limits.admit('192.0.2.1')?.()
  for (let i = 0; i < 200; i += 1) limits.charge('192.0.2.2', 'question')
  const isRefused = () => [limits.admit('192.0.2.1') === undefined, limits.isSpent('192.0.2.2', 'question')]
  expect(isRefused()).toEqual([true, true])
  for (const address of networks(20_000)) limits.admitSocket(address)?.()
  expect(isRefused()).toEqual([true, true])
})

test('an address may open a line at once, however rarely it may open others', () => {
  vi.spyOn(performance, 'now').mockReturnValue(0)
  const limits = new AddressLimits({ lines: 10, linesPerAddress: 2, newLinesPerSecond: 0.1 })
  expect([1, 2].map(() => limits.admit('192.0.2.1') !== undefined)).toEqual([true, false])
})
