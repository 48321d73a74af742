import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { type AcceptedConnection, type ConnectionHandlers, LineEnd, type Listener } from '@patchbay/core/transport'

const MAX_FRAME_BYTES = 65_536
const MAX_WAITING_BYTES = 1_048_576

/** The process's policy for incoming lines. */
export interface SseListenerOptions {
  readonly allowOrigin: (origin: string | undefined, request: IncomingMessage) => boolean
  readonly addressOf?: (request: IncomingMessage) => string
  readonly admit?: (address: string) => (() => void) | undefined
}

/** A listener for the requests of an HTTP server. */
export interface SseListener extends Listener {
  handleRequest(request: IncomingMessage, response: ServerResponse): void
}

/** Listens for lines over Server-Sent Events; frames come up by POST. */
export function listenSse({ allowOrigin, addressOf, admit = () => () => {} }: SseListenerOptions): SseListener {
  const lines = new Map<
    string,
    { readonly end: LineEnd; readonly connection: AcceptedConnection; finish(): void; cut(): void }
  >()
  let accept: ((connection: AcceptedConnection) => ConnectionHandlers) | undefined

  const open = (request: IncomingMessage, response: ServerResponse) => {
    const address = addressOf?.(request) ?? request.socket.remoteAddress ?? 'unknown'
    const release = accept && admit(address)
    if (accept === undefined || release === undefined) return response.writeHead(503).end()
    const [id, key] = [randomBytes(16).toString('base64url'), randomBytes(32).toString('base64url')]
    const end = new LineEnd()
    // JSON escapes line breaks, so a frame is one line of one event.
    const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
    // A client that does not read the end of the stream is cut after two seconds.
    const finish = (last = '') => {
      response.end(last)
      setTimeout(() => response.destroy(), 2_000).unref()
    }
    const connection: AcceptedConnection = {
      id,
      remote: { address, origin: request.headers.origin },
      send(text) {
        if (!end.open) return
        if (Buffer.byteLength(text) > MAX_FRAME_BYTES) return void response.destroy()
        response.write(event(text))
        if (response.writableLength > MAX_WAITING_BYTES) response.destroy()
      },
      close: () => end.end('local') && finish(event(null)),
    }
    lines.set(key, { end, connection, finish, cut: () => response.destroy() })
    response.on('close', () => {
      lines.delete(key)
      release()
      end.end('lost')
    })
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event({ id, key }))
    end.own(accept(connection))
  }

  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const line = lines.get(request.headers.authorization ?? '')
    if (line === undefined) return response.writeHead(404).end()
    // Node reads no more than the announced content length.
    const tooLong = Number(request.headers['content-length'] ?? Infinity) > 7 * MAX_FRAME_BYTES
    if (tooLong || request.headers['content-type'] !== 'application/json') return response.writeHead(415).end()
    const { frame, bye } = (await json(request)) as { readonly frame?: unknown; readonly bye?: unknown }
    if (bye === true && line.end.end('remote')) line.finish()
    else if (typeof frame === 'string' && Buffer.byteLength(frame) <= MAX_FRAME_BYTES) line.end.frame(frame)
    else line.cut()
    response.writeHead(204).end()
  }

  return {
    name: 'sse',
    listen: (onLine) => (accept = onLine),
    handleRequest(request, response) {
      const { origin } = request.headers
      if (!allowOrigin(origin, request)) return void response.writeHead(403).end()
      response.setHeader('cache-control', 'no-store').setHeader('access-control-allow-origin', origin ?? 'null')
      response.setHeader('vary', 'Origin').setHeader('access-control-allow-headers', 'authorization, content-type')
      if (request.method === 'OPTIONS') response.writeHead(204).end()
      else if (request.method === 'GET') open(request, response)
      else take(request, response).catch(() => response.writeHead(400).end())
    },
    close() {
      accept = undefined
      for (const { connection } of lines.values()) connection.close()
      return Promise.resolve()
    },
  }
}
