import { expect, test } from 'vitest'
import { otherHost, readInvite } from '../src/lib/invite'

test.each([
  ['https://chat.example/r/abc', undefined],
  [' https://chat.example/r/abc#relay ', undefined],
  ['abc', undefined],
  ['/r/abc', undefined],
  ['https://elsewhere.example/other', undefined],
  ['https://elsewhere.example/r/abc#relay', 'elsewhere.example'],
  ['https://chat.example:8443/r/abc', 'chat.example:8443'],
  ['https://chat.example.evil/r/abc', 'chat.example.evil'],
])('of %j the host of another page is %j', (text, host) => {
  expect(otherHost(text, 'chat.example')).toBe(host)
})

test('an invite is read from a link, a path or a code', () => {
  for (const text of ['https://chat.example/r/abc', '/r/abc', ' abc '])
    expect(readInvite(text)).toEqual({ room: 'abc', key: undefined, relayOnly: false, history: true })
  expect(readInvite('https://chat.example/r/abc#relay')?.relayOnly).toBe(true)
  expect(readInvite('https://chat.example/r/abc#relay#relay')?.relayOnly, 'an address as the router may leave it').toBe(
    true,
  )
  expect(readInvite('not a room')).toBeUndefined()
})
