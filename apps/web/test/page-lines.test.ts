import { afterEach, expect, test, vi } from 'vitest'
import { lineSettingsFor, serverFor } from '../src/lib/page-lines'

const headers = new Headers({ host: 'chat.example' })
afterEach(() => vi.unstubAllEnvs())

test.each(['chat.example', 'chat.example:4000', 'ftp://chat.example'])(
  'a SIGNALING_URL that is not a URL of a server is called so: %s',
  (url) => {
    vi.stubEnv('SIGNALING_URL', url)
    expect(() => serverFor(headers)).toThrow(`SIGNALING_URL: "${url}" must be a URL such as https://chat.example.`)
  },
)

test('an empty SIGNALING_URL is none: the server is on the host of the page', () => {
  vi.stubEnv('SIGNALING_URL', '')
  expect(serverFor(headers)).toBe('http://chat.example:4000')
  vi.stubEnv('SIGNALING_URL', 'https://signals.example/')
  expect(serverFor(headers)).toBe('https://signals.example')
})

test('LINES that name no line are called so', () => {
  vi.stubEnv('LINES', 'websockets')
  expect(() => lineSettingsFor(headers)).toThrow('LINES: "websockets" is not a line')
})
