import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { findProgram, startNginx } from '@patchbay/test-servers'
import { expect, test } from 'vitest'
import { Rig } from '../support/rig.ts'

const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'patchbay.1',
}

/** Opens a WebSocket line as a client of that address, and leaves. @returns the status of the answer. */
const open = (port: number, address: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const headers = { ...upgrade, 'x-forwarded-for': address }
    const asked = request({ port, host: '127.0.0.1', path: '/ws?line=a', headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode))
    })
    asked.once('upgrade', ({ statusCode }, socket) => {
      socket.destroy()
      resolve(statusCode)
    })
    asked.once('error', reject).end()
  })

test.skipIf(findProgram('nginx') === undefined)(
  'behind deploy/nginx.conf an address that opens lines too fast is refused, and nobody else',
  async () => {
    const settings = { TRUST_PROXY: 'loopback', NEW_LINES_PER_SECOND: '10' }
    const rigs = [await Rig.start(settings), await Rig.start(settings)]
    const like = await readFile(new URL('../../../../deploy/nginx.conf', import.meta.url), 'utf8')
    const nginx = await startNginx(
      rigs.map(({ server }) => server.port),
      { like },
    )
    try {
      const [greedy, others]: [(number | undefined)[], (number | undefined)[]] = [[], []]
      for (let round = 1; round <= 30; round += 1) {
        greedy.push(...(await Promise.all(Array.from({ length: 10 }, () => open(nginx.port, '203.0.113.7')))))
        others.push(await open(nginx.port, `198.51.100.${round}`))
      }
      expect(new Set(greedy)).toEqual(new Set([101, 503]))
      expect(new Set(others)).toEqual(new Set([101]))
    } finally {
      await nginx.stop()
      for (const rig of rigs) await rig.close()
    }
  },
)
