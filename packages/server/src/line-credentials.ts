import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Hub } from '@patchbay/core/hub'
import type { LinePerson } from '@patchbay/plug'
import { closeCodes, MAX_TOKEN_LENGTH } from '@patchbay/protocol'
import { refuseMethod, reply } from './reply.ts'

/** A token in UTF-8, where a UTF-16 code unit takes three bytes at most, and its pieces. */
const MAX_BODY_BYTES = 4 * MAX_TOKEN_LENGTH
/** What keeping a piece of a body takes beside its bytes: chunked, each byte can be a piece (RFC 9112 §7.1). */
const PIECE_BYTES = 128
/** A body that is not whole after this long is given up, in milliseconds. */
const BODY_MS = 10_000

/** What `POST /credentials/{line}` needs to know. */
export interface LineCredentialsHost {
  readonly hub: Pick<Hub, 'judge'>
  readonly addressOf: (request: IncomingMessage) => string
  /** Of the line. */
  readonly credentials: (person: LinePerson) => object
  /** Told of what `credentials` of a line throws. */
  readonly failed: (error: unknown) => void
}

/** Answers with the credentials of one person for one line. The body of the request is the token; empty where there is none. */
export async function answerCredentials(
  line: string,
  request: IncomingMessage,
  response: ServerResponse,
  { hub, addressOf, credentials, failed }: LineCredentialsHost,
): Promise<void> {
  if (request.method !== 'POST') return refuseMethod(response, 'POST')
  const token = await readToken(request)
  if (token === undefined) {
    response.setHeader('connection', 'close')
    return reply(response, 413, { error: `A token has at most ${MAX_TOKEN_LENGTH} characters.` })
  }
  const visitor = {
    token: token || undefined,
    remote: { address: addressOf(request), origin: request.headers.origin },
    transport: line,
  }
  const verdict = await hub.judge({ ...visitor, peer: undefined })
  if (typeof verdict === 'string') {
    const { sentence } = closeCodes[verdict]
    const isRefused = verdict === 'unauthorized' || verdict === 'token_expired'
    return reply(response, isRefused ? 401 : 503, { code: verdict, error: sentence })
  }
  try {
    reply(response, 200, credentials({ subject: verdict.subject, expiresInMs: verdict.expiresInMs }))
  } catch (error) {
    failed(error)
    reply(response, 503, { error: 'There are none at the moment; try again.' })
  }
}

/** @returns the body; `undefined` when it is too long, or not whole. */
async function readToken(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  const timer = setTimeout(() => request.destroy(), BODY_MS)
  try {
    // The connection is still needed, for the answer.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length + PIECE_BYTES
      if (size > MAX_BODY_BYTES) return undefined
      chunks.push(chunk)
    }
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
  const token = Buffer.concat(chunks).toString()
  return token.length <= MAX_TOKEN_LENGTH ? token : undefined
}
