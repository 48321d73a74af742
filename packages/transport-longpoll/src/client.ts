import { type Connection, type ConnectionHandlers, type Dialer, DialError, LineEnd } from '@patchbay/core/transport'
import { credentialOf, CURSOR_HEADER, defaultTimes, type LongPollTimes, NAME, type Opened, readFrames } from './wire.ts'

/** The part of the platform's `fetch` that this client uses (Fetch §5.6). */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Where and how to dial. */
export interface LongPollDialerOptions {
  /** `http:` or `https:` URL of the server's long-poll path. */
  readonly url: string
  readonly times?: Partial<LongPollTimes>
  /** By default the platform's; tests may replace it. */
  readonly fetch?: Fetch
}

/** Delay before the first retry of a request; it doubles with each retry, up to the longest. */
const FIRST_RETRY_MS = 50
/** Short beside the grace period, so that an outage that ends within it is survived. */
const LONGEST_RETRY_MS = 400
/** How long a goodbye that fails is sent again: until then a process in Node stays up, though the server may be gone. */
const GOODBYE_MS = 1_000
/** A request that fails later than this was cut by a gateway, not refused. */
const PATIENCE_MS = 1_000
/** Frames sent in one POST, in UTF-16 code units: even with JSON escapes, less than the server accepts. */
const BATCH_SIZE = 65_536
/** Largest body sent with `keepalive`, in UTF-16 code units: as UTF-8 within the browser's quota (Fetch §4.6). */
const KEEPALIVE_SIZE = 16_384

/** Dials a Patchbay server over plain HTTP: at most one GET and one POST in flight. */
export function dialLongPoll({ url, times, fetch = defaultFetch }: LongPollDialerOptions): Dialer {
  return {
    name: NAME,
    async dial(handlers, { signal }) {
      signal.throwIfAborted()
      let opened: Opened
      try {
        const headers = { 'content-type': 'application/json' }
        const response = await fetch(url, { method: 'POST', body: '{}', headers, signal })
        if (!response.ok) throw await refusalOf(url, response)
        opened = openedOf(url, await response.json())
      } catch (cause) {
        signal.throwIfAborted()
        if (cause instanceof DialError) throw cause
        if (!URL.canParse(url)) throw new DialError(NAME, `"${url}" is not a URL.`, { cause, failure: 'unusable' })
        throw new DialError(NAME, `No long-poll line at ${url}.`, { cause })
      }
      return new LongPollLine(url, opened, handlers, { ...defaultTimes, ...times }, fetch)
    },
  }
}

/** @throws {DialError} for an answer of something else than a long-poll server. */
function openedOf(url: string, answer: unknown): Opened {
  const { id, secret } = (answer ?? {}) as Partial<Record<keyof Opened, unknown>>
  if (typeof id === 'string' && typeof secret === 'string') return { id, secret }
  throw new DialError(NAME, `What answers at ${url} is not a long-poll server.`)
}

/** What a proxy answers whose server does not (RFC 9110 §15.6.3 to §15.6.5). */
const GATEWAY_STATUSES = [502, 503, 504]

/**
 * A proxy or the server asks for the same request later, and the line is still there: RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4
 * (too many requests of others behind the same address).
 */
const TRANSIENT_STATUSES = [408, 425, 429]

/** The server says why, in JSON; a proxy before it may not. */
async function refusalOf(url: string, response: Response): Promise<DialError> {
  const { status } = response
  const body = (await response.json().catch(() => undefined)) as { readonly error?: unknown } | null | undefined
  if (typeof body?.error === 'string') {
    const message = `The server at ${url} refused with status ${status}: ${body.error.slice(0, 500)}`
    return new DialError(NAME, message, { failure: 'refused' })
  }
  if (GATEWAY_STATUSES.includes(status))
    return new DialError(NAME, `No server answers behind ${url}, says a proxy with status ${status}.`)
  return new DialError(NAME, `The server at ${url} refused with status ${status}.`, { failure: 'refused' })
}

/** Browsers require `fetch` to be called on its window. */
const defaultFetch: Fetch = (url, init) => globalThis.fetch(url, init)

class LongPollLine implements Connection {
  readonly id: string
  readonly #url: string
  readonly #credential: string
  readonly #times: LongPollTimes
  readonly #end: LineEnd
  readonly #fetch: Fetch
  readonly #stop = new AbortController()
  /** Ends the POST in flight. */
  readonly #stopPost = new AbortController()
  #waiting: string[] = []
  #sent = 0
  #posting = false
  /** The server does not know the line any more, says the answer to a POST. */
  #unknown = false

  constructor(url: string, opened: Opened, handlers: ConnectionHandlers, times: LongPollTimes, fetch: Fetch) {
    this.id = opened.id
    this.#url = url
    this.#credential = credentialOf(opened)
    this.#times = times
    this.#end = new LineEnd(handlers)
    this.#fetch = fetch
    // Deferred, so that the caller of `dial` has the line before its first frame.
    queueMicrotask(() => void this.#poll())
  }

  send(text: string): void {
    if (!this.#end.open) return
    this.#waiting.push(text)
    this.#postSoon()
  }

  close(): void {
    if (!this.#end.end('local')) return
    // A closing page cannot wait for the POST in flight, so its frames are sent again; the cursor removes duplicates.
    this.#stopPost.abort()
    void this.#leave().finally(() => this.#stop.abort())
  }

  async #poll(): Promise<void> {
    for (let cursor = 0; this.#end.open;) {
      const received = readFrames(await this.#request('GET', cursor))
      if (received === undefined) return this.#broken('lost')
      cursor += received.frames.length
      for (const frame of received.frames) this.#end.frame(frame)
      if (received.closed === true) this.#broken('remote')
      else if (this.#unknown) this.#broken('lost')
    }
  }

  #postSoon(): void {
    if (this.#posting) return
    this.#posting = true
    queueMicrotask(() => void this.#post())
  }

  /** Sends what waits, in at least one POST. */
  async #post(): Promise<void> {
    while (this.#end.open) {
      const frames = this.#batch()
      const answer = await this.#request('POST', this.#sent, { frames }, this.#stopPost.signal)
      // Closed meanwhile: the same frames are sent with the goodbye.
      if (!this.#end.open) return
      // The server may have ended the line: its last words are under way then, as the answer to the GET.
      if (answer === null) {
        this.#unknown = true
        const timeout = AbortSignal.timeout(this.#times.graceMs)
        timeout.addEventListener('abort', () => this.#broken('lost'))
        return
      }
      if (answer === undefined) return this.#broken('lost')
      this.#took(frames)
      if (this.#waiting.length === 0) break
    }
    this.#posting = false
  }

  /** Sends what waits, and the goodbye with the last of it. */
  async #leave(): Promise<void> {
    for (;;) {
      const frames = this.#batch()
      const leave = frames.length === this.#waiting.length
      const answer = await this.#request('POST', this.#sent, { frames, ...(leave && { leave }) })
      if (leave || answer === undefined || answer === null) return
      this.#took(frames)
    }
  }

  /** What one POST carries of the frames that wait. */
  #batch(): string[] {
    let size = 0
    const over = this.#waiting.findIndex((frame) => (size += frame.length) > BATCH_SIZE)
    return this.#waiting.slice(0, over < 0 ? undefined : Math.max(1, over))
  }

  #took(frames: readonly string[]): void {
    this.#sent += frames.length
    this.#waiting = this.#waiting.slice(frames.length)
  }

  /** The other end or the network ended the line; after our own `close` the last POST must still complete. */
  #broken(reason: 'lost' | 'remote'): void {
    if (this.#end.end(reason)) this.#stop.abort()
  }

  /**
   * Retries until there is an answer or the grace period is over, which is short for a goodbye.
   * @returns `null` when the server does not know the line, `undefined` when it is gone otherwise.
   */
  async #request(method: 'GET' | 'POST', cursor: number, body?: object, stop?: AbortSignal): Promise<unknown> {
    const { holdMs, graceMs } = this.#times
    const fetch = this.#fetch
    const text = body && JSON.stringify(body)
    let giveUpAt = Infinity
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_RETRY_MS)) {
      const startedAt = performance.now()
      // A goodbye is not held.
      const timeout = AbortSignal.timeout(this.#end.open ? holdMs + graceMs : graceMs)
      try {
        const response = await fetch(this.#url, {
          method,
          cache: 'no-store',
          keepalive: !this.#end.open && (text?.length ?? 0) < KEEPALIVE_SIZE,
          signal: AbortSignal.any([this.#stop.signal, timeout, ...(stop ? [stop] : [])]),
          headers: {
            authorization: this.#credential,
            [CURSOR_HEADER]: String(cursor),
            ...(text !== undefined && { 'content-type': 'application/json' }),
          },
          ...(text !== undefined && { body: text }),
        })
        if (response.ok) return response.status === 204 ? {} : await response.json()
        if (response.status === 404) return null
        if (response.status < 500 && !TRANSIENT_STATUSES.includes(response.status)) return undefined
      } catch {
        if (this.#stop.signal.aborted || timeout.aborted || stop?.aborted === true) return undefined
      }
      const now = performance.now()
      // A gateway timed out a held request, or found no server behind it: a POST, which is not held, tells which.
      const cut = method === 'GET' && this.#end.open && now - startedAt > PATIENCE_MS
      giveUpAt = cut ? Infinity : Math.min(giveUpAt, now + (this.#end.open ? graceMs : Math.min(graceMs, GOODBYE_MS)))
      if (cut) {
        waitMs = FIRST_RETRY_MS
        this.#postSoon()
      }
      if (now + waitMs > giveUpAt) return undefined
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
}
