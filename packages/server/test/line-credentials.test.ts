import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { MAX_TOKEN_LENGTH } from '@patchbay/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerCredentials } from '../src/line-credentials.ts'

const asked: (string | undefined)[] = []
const http = createServer((request, response) => {
  void answerCredentials('sip', request, response, {
    hub: {
      judge: ({ token }) => {
        asked.push(token)
        return Promise.resolve('unauthorized')
      },
    },
    addressOf: () => '127.0.0.1',
    credentials: () => ({}),
    failed: () => {},
  })
})
beforeAll(() => new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve)))
afterAll(() => {
  http.closeAllConnections()
  http.close()
})
const port = () => (http.address() as AddressInfo).port

test('the longest token is taken in whatever letters, and one that is longer is not', async () => {
  const post = async (body: string) => {
    const { status } = await fetch(`http://127.0.0.1:${port()}`, { method: 'POST', body })
    return status
  }
  asked.length = 0
  const longest = '語'.repeat(MAX_TOKEN_LENGTH)
  expect(await post(longest)).toBe(401)
  expect(asked).toEqual([longest])
  expect(await post('x'.repeat(MAX_TOKEN_LENGTH + 1))).toBe(413)
})

test('a token in pieces of one byte is refused before thousands of them are kept', async () => {
  asked.length = 0
  const socket = connect(port(), '127.0.0.1')
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(8_000)}0\r\n\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1.1 413 /)
  expect(asked).toEqual([])
  socket.destroy()
})
