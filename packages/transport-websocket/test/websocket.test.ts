import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { testTransport } from '@patchbay/transport-conformance'
import { WebSocket as WsWebSocket } from 'ws'
import { dialWebSocket } from '../src/client.ts'
import { plug } from '../src/plug.ts'
import { listenWebSocket } from '../src/server.ts'

testTransport({
  name: 'websocket',
  traits: plug.traits,
  async rig() {
    const sockets: WsWebSocket[] = []
    class TrackedWebSocket extends WsWebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol)
        sockets.push(this)
      }
    }
    const listener = listenWebSocket({ allowOrigin: () => true })
    const http = createServer()
    http.on('upgrade', (request, socket, head) => listener.handleUpgrade(request, socket, head))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ws`
    const WebSocket = TrackedWebSocket
    return {
      listener,
      dialer: dialWebSocket({ url, WebSocket }),
      nobody: dialWebSocket({ url: 'ws://127.0.0.1:9/ws', WebSocket }),
      breakLine: () => sockets.at(-1)?.terminate(),
      freezeClient: () => sockets.at(-1)?.pause(),
      sendOversize: (bytes) => sockets.at(-1)?.send('x'.repeat(bytes)),
      async intrude(line, text) {
        // The id is in the URL, where anybody may write one.
        const stranger = new WsWebSocket(`${url}?line=${line}`, 'patchbay.1')
        const closed = new Promise((resolve) => stranger.once('close', resolve))
        stranger.once('error', () => {})
        stranger.once('open', () => {
          stranger.send(text)
          stranger.close(1000)
        })
        await closed
      },
      openHandles: () => sockets.filter((socket) => socket.readyState !== WsWebSocket.CLOSED).length,
      async dispose() {
        for (const socket of sockets) socket.terminate()
        await listener.close()
        await new Promise((resolve) => http.close(resolve))
      },
    }
  },
})
