import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AcceptedConnection } from '@patchbay/core/transport'
import { findProgram, type NginxWays, startNginx } from '@patchbay/test-servers'
import { describe, expect, test } from 'vitest'
import { dialLongPoll } from '../src/client.ts'
import { listenLongPoll } from '../src/server.ts'

/** A line through nginx, and what each end receives. */
async function lineThrough(ways: NginxWays) {
  const listener = listenLongPoll({ path: '/poll', allowOrigin: () => true })
  const heard = { here: [] as string[], there: [] as string[], closed: [] as string[] }
  let far: AcceptedConnection | undefined
  listener.listen((connection) => {
    far = connection
    return { frame: (text) => heard.there.push(text), close: (reason) => heard.closed.push(reason) }
  })
  const http = createServer((request, response) => listener.handleRequest(request, response))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const nginx = await startNginx((http.address() as AddressInfo).port, ways)
  const near = await dialLongPoll({ url: `http://127.0.0.1:${nginx.port}/poll` }).dial(
    { frame: (text) => heard.here.push(text), close: (reason) => heard.closed.push(reason) },
    { signal: new AbortController().signal },
  )
  const close = async () => {
    near.close()
    await listener.close()
    await nginx.stop()
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  }
  return { near, send: (text: string) => far?.send(text), heard, close }
}

// Installed by `pnpm test`; skipped where the package manager does not have it.
describe.skipIf(findProgram('nginx') === undefined)('through an nginx', () => {
  test('that buffers responses, messages arrive within half a second', async () => {
    const { near, send, heard, close } = await lineThrough({ buffers: true })
    const times: number[] = []
    for (let i = 0; i < 20; i += 1) {
      const before = performance.now()
      near.send(`up ${i}`)
      send(`down ${i} ${'x'.repeat(i * 1_000)}`)
      await expect.poll(() => [heard.there.length, heard.here.length], { interval: 5 }).toEqual([i + 1, i + 1])
      times.push(performance.now() - before)
    }
    // One may come at a moment when the machine does something else.
    expect(times.toSorted((a, b) => a - b).at(-2)).toBeLessThan(500)
    expect(heard.there).toEqual(Array.from({ length: 20 }, (_, i) => `up ${i}`))
    expect(heard.here.map((text) => text.split(' ')[1])).toEqual(Array.from({ length: 20 }, (_, i) => String(i)))
    expect(heard.closed).toEqual([])
    await close()
  })

  test('that cuts requests after 5 s, an idle line survives', async () => {
    const { near, send, heard, close } = await lineThrough({ cutsAfterSeconds: 5 })
    // Longer than two cuts, and longer than a line survives without a request.
    await new Promise((resolve) => setTimeout(resolve, 11_500))
    expect(heard.closed).toEqual([])
    near.send('still here')
    send('so am I')
    await expect.poll(() => [heard.there, heard.here]).toEqual([['still here'], ['so am I']])
    await close()
  }, 30_000)
})
