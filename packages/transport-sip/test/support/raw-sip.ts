import { createHash } from 'node:crypto'
import { randomToken } from '@patchbay/protocol'
import { expect } from 'vitest'
import { WebSocket } from 'ws'
import type { SipLogin } from '../../src/wire.ts'

/** A raw SIP connection: whatever is sent, and the first lines of what comes. */
export class RawSip {
  readonly heard: string[] = []
  readonly socket: WebSocket
  readonly opened: Promise<void>
  readonly #branch = randomToken(11)
  #n = 0

  constructor(port: number) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}`, 'sip')
    this.socket.on('error', () => {})
    this.socket.on('message', (data: Buffer) => this.heard.push(data.toString()))
    this.opened = new Promise((resolve) => this.socket.once('open', () => resolve()))
  }

  say(method: string, uri: string, headers: Readonly<Record<string, string>> = {}, body = ''): void {
    const all = {
      Via: `SIP/2.0/WS raw.invalid;branch=z9hG4bK${this.#branch}${(this.#n += 1)}`,
      'Max-Forwards': '10',
      From: '<sip:page@exchange.example>;tag=raw',
      To: `<${uri}>`,
      'Call-ID': randomToken(16),
      CSeq: `1 ${method}`,
      'Content-Length': String(Buffer.byteLength(body)),
      ...headers,
    }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
    this.socket.send([`${method} ${uri} SIP/2.0`, ...lines, '', body].join('\r\n'))
  }

  /** Registers with digest (RFC 2617). @returns the answer to it. */
  async register(
    { uri, username, password }: SipLogin,
    contact: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    await this.opened
    const user = username ?? uri.slice(4).split('@')[0] ?? ''
    const registrar = 'sip:exchange.example'
    const own = {
      From: `<${uri}>;tag=raw`,
      To: `<${uri}>`,
      Contact: '<sip:a@raw.invalid;transport=ws>;+sip.instance="<urn:uuid:00000000-0000-0000-0000-000000000001>"',
      Supported: 'path,gruu',
      ...contact,
    }
    const before = this.heard.length
    this.say('REGISTER', registrar, own)
    await expect.poll(() => this.heard.length, { timeout: 3_000 }).toBe(before + 1)
    const nonce = /nonce="([^"]+)"/.exec(this.heard.at(-1) ?? '')?.[1] ?? ''
    const md5 = (text: string) => createHash('md5').update(text).digest('hex')
    const [a, b] = [md5(`${user}:exchange.example:${password}`), md5(`REGISTER:${registrar}`)]
    const response = md5(`${a}:${nonce}:00000001:c:auth:${b}`)
    this.say('REGISTER', registrar, {
      ...own,
      CSeq: '2 REGISTER',
      Authorization: `Digest username="${user}", realm="exchange.example", nonce="${nonce}", uri="${registrar}", response="${response}", qop=auth, nc=00000001, cnonce="c"`,
    })
    await expect.poll(() => this.heard.length, { timeout: 3_000 }).toBe(before + 2)
    return this.heard.at(-1) ?? ''
  }

  /** The status of the newest answer. */
  async status(): Promise<string | undefined> {
    await expect.poll(() => this.heard.length, { timeout: 3_000 }).toBeGreaterThan(0)
    return / (\d{3}) /.exec(this.heard.at(-1)?.split('\r\n')[0] ?? '')?.[1]
  }
}
