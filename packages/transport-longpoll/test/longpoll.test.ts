import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startFaultProxy } from '@patchbay/fault-proxy'
import { testTransport } from '@patchbay/transport-conformance'
import { dialLongPoll } from '../src/client.ts'
import { plug } from '../src/plug.ts'
import { listenLongPoll } from '../src/server.ts'
import { CURSOR_HEADER } from '../src/wire.ts'
import { intrude } from './support/intruder.ts'

const times = { holdMs: 400, graceMs: 800 }

testTransport({
  name: 'longpoll',
  // With shorter times than those of the plug.
  traits: { ...plug.traits, lostWithinMs: 3_000 },
  async rig() {
    const listener = listenLongPoll({ path: '/poll', allowOrigin: () => true, times })
    const http = createServer((request, response) => listener.handleRequest(request, response))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const proxy = await startFaultProxy((http.address() as AddressInfo).port)
    let underWay = 0
    let frozen = false
    let last: { readonly url: string; readonly authorization: string } | undefined
    /** The platform's `fetch` with a count of open requests; it never resolves while the client is frozen. */
    const watched = async (input: string, init?: RequestInit): Promise<Response> => {
      const headers = new Headers(init?.headers)
      const authorization = headers.get('authorization')
      if (authorization !== null) last = { url: input, authorization }
      underWay += 1
      try {
        const response = await fetch(input, init)
        if (frozen) await new Promise(() => {})
        return response
      } finally {
        underWay -= 1
      }
    }
    return {
      listener,
      dialer: dialLongPoll({ url: `http://127.0.0.1:${proxy.port}/poll`, times, fetch: watched }),
      nobody: dialLongPoll({ url: 'http://127.0.0.1:9/poll', times }),
      breakLine() {
        proxy.refuse(true)
        proxy.reset()
      },
      freezeClient: () => (frozen = true),
      sendOversize(bytes) {
        const { url = '', authorization = '' } = last ?? {}
        const headers = { authorization, 'content-type': 'application/json', [CURSOR_HEADER]: '0' }
        const body = JSON.stringify({ frames: ['x'.repeat(bytes)] })
        fetch(url, { method: 'POST', headers, body }).catch(() => {})
      },
      intrude: (line, text) => intrude(() => `http://127.0.0.1:${proxy.port}/poll`, line, text),
      openHandles: () => underWay,
      async dispose() {
        proxy.refuse(false)
        await listener.close()
        await proxy.close()
        http.closeAllConnections()
        await new Promise((resolve) => http.close(resolve))
      },
    }
  },
})
