import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

/** Stands before an exchange and passes on whatever that says in binary messages, after one that is no UTF-8. */
export async function startBinaryExchange(port: number): Promise<{ readonly url: string; readonly stop: () => void }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'sip' })
  server.on('connection', (page) => {
    const exchange = new WebSocket(`ws://127.0.0.1:${port}`, 'sip')
    const opened = once(exchange, 'open')
    page.send(Buffer.from([0xff, 0xfe]))
    page.on('message', (data: Buffer) => void opened.then(() => exchange.send(data.toString())))
    exchange.on('message', (data: Buffer) => page.send(data, { binary: true }))
    page.on('close', () => exchange.close())
    exchange.on('close', () => page.close())
  })
  await once(server, 'listening')
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      for (const page of server.clients) page.terminate()
      server.close()
    },
  }
}
