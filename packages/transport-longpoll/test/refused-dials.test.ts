import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dialLongPoll } from '../src/client.ts'

/** Answers with the status and the body that the path asks for. */
const http = createServer((request, response) => {
  const [, status = '', body = ''] = (request.url ?? '').split('/')
  response.writeHead(Number(status)).end(decodeURIComponent(body))
})
beforeAll(() => new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise((resolve) => http.close(resolve)))

test.each([
  ['a server that says why', 503, '{"error":"The server is full."}', 'refused', 'The server is full.'],
  ['a server or a proxy that says no', 403, 'Forbidden', 'refused', 'status 403'],
  ['something that is no Patchbay server', 404, 'null', 'refused', 'status 404'],
  ['a proxy before a server that does not answer', 502, '<h1>Bad Gateway</h1>', 'unreachable', 'status 502'],
  ['a proxy that has nobody to ask', 503, '', 'unreachable', 'status 503'],
  ['a proxy that has waited too long', 504, '{}', 'unreachable', 'status 504'],
  [
    'something that says yes to everything',
    200,
    '{"error":"Log in first."}',
    'unreachable',
    'is not a long-poll server',
  ],
  ['something that answers with nothing', 200, 'null', 'unreachable', 'is not a long-poll server'],
])('%s: the error of the dial says so', async (_, status, body, failure, sentence) => {
  const { port } = http.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/${status}/${encodeURIComponent(body)}`
  const handlers = { frame: () => {}, close: () => {} }
  const dialing = dialLongPoll({ url }).dial(handlers, { signal: AbortSignal.timeout(5_000) })
  await expect(dialing).rejects.toMatchObject({
    name: 'DialError',
    failure,
    message: expect.stringContaining(sentence),
  })
})
