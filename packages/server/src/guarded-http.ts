import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressLimits } from './address-limits.ts'
import { CountedResponse } from './pipelining.ts'
import { reply, tooMany } from './reply.ts'
import type { Signaling } from './signaling.ts'

/** A request that is not whole after this long, header and body, ends its socket. */
const REQUEST_TIMEOUT_MS = 10_000
/** Between two looks for such sockets: Node looks every 30 s by itself. */
const LOOK_MS = 1_000

/**
 * An HTTP server that bounds the sockets of an address, and how many of its requests `answer` gets.
 * @param addresses counts both.
 */
export function createGuardedServer(
  signaling: Pick<Signaling, 'trust' | 'addressOf'>,
  addresses: AddressLimits,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const { trust } = signaling
  const http = createServer({
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: LOOK_MS,
    ServerResponse: CountedResponse,
  })
  /** A socket comes twice when its request is read anew. */
  const admitted = new WeakSet<object>()
  http.on('connection', (socket) => {
    if (admitted.has(socket)) return
    admitted.add(socket)
    const address = socket.remoteAddress ?? 'unknown'
    // A proxy's sockets are those of all its clients.
    if (trust(address, 0)) return
    const release = addresses.admitSocket(address)
    if (release === undefined) socket.destroy()
    else socket.once('close', release)
  })
  const limited = (request: IncomingMessage, response: ServerResponse, act: typeof answer) => {
    const address = signaling.addressOf(request)
    if (addresses.isSpent(address, 'other')) return tooMany(response)
    addresses.charge(address, 'other')
    act(request, response)
  }
  http.on('request', (request, response) => limited(request, response, answer))
  // Node would answer these by itself, as many as come.
  http.on('checkExpectation', (request, response) => limited(request, response, refuseExpectation))
  return http
}

/** Nothing but `100-continue` can be expected, which Node answers (RFC 9110 §10.1.1). */
function refuseExpectation(_: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close')
  reply(response, 417, { error: 'The only expectation that can be met is 100-continue.' })
}
