import type { IncomingMessage, ServerResponse } from 'node:http'

/** Paths are matched verbatim: absolute-form targets and unusual encodings are not found. */
export function pathOf({ url = '' }: IncomingMessage): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

export function tooMany(response: ServerResponse): void {
  response.setHeader('retry-after', '1').setHeader('connection', 'close')
  reply(response, 429, { error: 'Too many requests; try again in a second.' })
}

/** Answers a request of any other method than the one there is (RFC 9110 §15.5.6). */
export function refuseMethod(response: ServerResponse, allowed: 'GET' | 'POST'): void {
  response.setHeader('allow', allowed)
  reply(response, 405, { error: `Only ${allowed} is answered here.` })
}

export function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(`${JSON.stringify(body)}\n`)
}
