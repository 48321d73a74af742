import { expect, test } from 'vitest'
import {
  cleanName,
  cleanTitle,
  createEpoch,
  createInstanceId,
  createPeerSecret,
  createSessionId,
  holdsLink,
  isMessageLink,
  parsePeerSecret,
  parseRoomId,
  randomToken,
} from '../src/index.ts'

test('a token has the length that was asked for, of any length', () => {
  for (const length of [0, 1, 22, 43, 1_023, 1_024, 1_025, 5_000])
    expect(randomToken(length)).toMatch(new RegExp(`^[A-Za-z0-9_-]{${length}}$`))
})

test('tokens are made of all characters of base64url, each as often as the others', () => {
  const counts = new Map<string, number>()
  for (const character of randomToken(64_000)) counts.set(character, (counts.get(character) ?? 0) + 1)
  expect(counts.size).toBe(64)
  // A thousand of each are expected; one in 10¹⁰ runs strays this far.
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(250)
})

test('no stretch of a token comes again', () => {
  const stretches = Array.from({ length: 2_000 }, () => randomToken(22))
  expect(new Set(stretches).size).toBe(2_000)
})

test('a secret has 43 characters, the other ids have 22, and no two are the same', () => {
  const secrets = [createPeerSecret(), createPeerSecret()]
  const ids = [
    createInstanceId(),
    createInstanceId(),
    createEpoch(),
    createEpoch(),
    createSessionId(),
    createSessionId(),
  ]
  for (const secret of secrets) expect(secret).toMatch(/^[\w-]{43}$/)
  for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/)
  expect(new Set([...secrets, ...ids]).size).toBe(8)
})

test('a stored secret is taken as it was, and nothing else is taken for one', () => {
  const secret = createPeerSecret()
  expect(parsePeerSecret(secret)).toBe(secret)
  for (const text of ['', secret.slice(1), `${secret}A`, `A${secret}`, `${secret.slice(1)}.`, `.${secret.slice(1)}`])
    expect(parsePeerSecret(text)).toBeUndefined()
})

test('a room is taken as it is named', () => {
  expect(parseRoomId('a-room_1')).toBe('a-room_1')
  for (const text of ['.a', 'a.', 'a\n']) expect(parseRoomId(text)).toBeUndefined()
})

test.each([
  ['white space of any kind and length becomes one space', 'Ada \t\n  Lovelace', 'Ada Lovelace'],
  ['spaces around it do not count against its length', `   ${'x'.repeat(64)}`, 'x'.repeat(64)],
  ['it is cut to 64 code points', '🧑'.repeat(65), '🧑'.repeat(64)],
  ['a space that the cut leaves at the end goes too', `${'x'.repeat(63)} y`, 'x'.repeat(63)],
  ['letters and marks are composed', 'e\u0301', '\u00E9'],
  [
    'letters and marks are composed, whatever unseen stood between them',
    'e\u200D\u0301\u1112\u200C\u1161',
    '\u00E9\uD558',
  ],
  ['what nobody sees goes', '\u200Ba\u202Eb\u0000\uE000', 'ab'],
  ['half a character is shown as one that is missing', '\uD800x', '\uFFFDx'],
])('of a name that is typed, %s', (_, typed, clean) => {
  expect(cleanName(typed)).toBe(clean)
})

test('of an endless name the beginning is read', () => {
  expect(cleanName('x '.repeat(500_000))).toBe('x '.repeat(32).trim())
})

test.each([
  ['  WebRTC:\n Real-Time\u202E  ', 'WebRTC: Real-Time'],
  ['x'.repeat(300), 'x'.repeat(160)],
  ['😀'.repeat(200), '😀'.repeat(160)],
  ['https://bank.example', ''],
  ['Pay at http://x', ''],
  ['\u200B', ''],
])('a link that is called %j gets the title %j', (typed, title) => {
  expect(cleanTitle(typed)).toBe(title)
  expect(isMessageLink({ url: 'https://a.example/b', title })).toBe(title !== '')
})

test.each([
  'ftp://a.example',
  'javascript:alert(1)//https://',
  'https://',
  'https://a b',
  'https://a\u202Eb',
  `https://${'a'.repeat(493)}`,
])('no title is for %j', (url) => {
  expect(isMessageLink({ url, title: 'A title' })).toBe(false)
})

test.each([
  ['https://a.example', true],
  ['see (https://a.example), or “https://a.example”.', true],
  ['看https://a.example。', true],
  ['**https://a.example**', false],
  ['https://a.example/b', false],
  ['https://a.example.org', false],
  ['https://a.example@b.example', false],
  ['https://b.example/?https://a.example', false],
  ['https://b.example/https://a.example', false],
  ['https://a.example1', false],
])('whether %j holds the address as a whole: %s', (text, holds) => {
  expect(holdsLink(text, 'https://a.example')).toBe(holds)
})
