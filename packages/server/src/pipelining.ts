import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** Requests of one socket that may wait for their answers at once. No browser sends one before the last is answered. */
const MAX_OPEN = 16

/** Responses that are not complete yet, by socket. */
const openOf = new WeakMap<object, Set<ServerResponse>>()

/** Node's parser of a socket; Node's types do not show it. */
interface ParsedSocket extends Duplex {
  readonly parser?: { onIncoming: unknown } | null
}

/** Counts a request of HTTP/1.1 until it is answered, and ends its socket when too many wait. */
export function countOpen(request: IncomingMessage, response: ServerResponse): void {
  if (request.httpVersionMajor > 1) return
  const socket: ParsedSocket = request.socket
  const open = openOf.get(socket) ?? new Set()
  openOf.set(socket, open)
  open.add(response)
  response.once('close', () => open.delete(response))
  if (open.size <= MAX_OPEN) return
  socket.destroy()
  // Node would go on with what it has read, a thousand requests and more. `2` makes the parser stop, as for an upgrade.
  if (socket.parser) socket.parser.onIncoming = () => 2
}

/** A response that counts from the start: Node answers some requests by itself, such as those without `Host`. */
export class CountedResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  // Node passes more than the types say.
  constructor(...args: [request: Request]) {
    super(...args)
    countOpen(args[0], this)
  }
}
