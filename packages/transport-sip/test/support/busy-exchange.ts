import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

/** An exchange that refuses everything with 503. */
export interface BusyExchange {
  readonly url: string
  /** When each REGISTER came, in milliseconds; whether anything else came is not told. */
  readonly registers: readonly number[]
  readonly stop: () => void
}

/** @param retryAfter the header of that name, if any. */
export async function startBusyExchange(retryAfter?: string): Promise<BusyExchange> {
  const registers: number[] = []
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'sip' })
  server.on('connection', (page) => {
    page.on('message', (data: Buffer) => {
      const request = data.toString()
      if (!request.startsWith('REGISTER')) return
      registers.push(performance.now())
      // RFC 3261 §8.2.6.2: an answer repeats these of the request.
      const repeated = request.split('\r\n').filter((line) => /^(?:Via|From|To|Call-ID|CSeq):/i.test(line))
      const asked = retryAfter === undefined ? [] : [`Retry-After: ${retryAfter}`]
      page.send(['SIP/2.0 503 Busy', ...repeated, ...asked, 'Content-Length: 0', '', ''].join('\r\n'))
    })
  })
  await once(server, 'listening')
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    registers,
    stop() {
      for (const page of server.clients) page.terminate()
      server.close()
    },
  }
}
