/** Name of the transport, as members of a room see it. */
export const NAME = 'mqtt'
/** Topics of every line begin with this, unless the deployment says otherwise. */
export const DEFAULT_PREFIX = 'patchbay'
/** Largest frame either way, in bytes of UTF-8. A larger one ends the line. */
export const MAX_FRAME_BYTES = 65_536
/** Unacknowledged frames at which a slow reader's line is cut, in UTF-16 code units. */
export const MAX_WAITING = 1_048_576
/** A client reports `taken` each time it has consumed this many code units. */
export const TAKEN_EVERY = 131_072
/** MQTT keep-alive, in seconds: the broker cuts a client after 1.5 times this silence (MQTT 3.1.1 §3.1.2.10). */
export const KEEP_ALIVE_SECONDS = 5

/**
 * Last level of a topic: what a message means.
 *
 * - `open`: the client requests a line, the server grants it. The client repeats it until then. On a broker that several servers
 *   share, one of them gets the request; the grant names it, and from then on the client writes to that server by name.
 * - `frame`: `<number>:<frame>`, numbered from 0 in each direction: one that the broker delivers twice or too early is
 *   noticed, and one that it loses.
 * - `taken`: how much of the frames sent the client has consumed, in UTF-16 code units.
 * - `bye`: this end closes the line, after all its frames; the payload is their number.
 * - `gone`: this end is broken. It is the last will of the client and of the server, which says its name if it has one.
 */
export type Kind = 'open' | 'frame' | 'taken' | 'bye' | 'gone'

const kinds = ['open', 'frame', 'taken', 'bye', 'gone'] as const satisfies Kind[]

/** In topics a line is called by its client id: 128 random bits, base64url. */
export const LINE_ID: RegExp = /^[A-Za-z0-9_-]{22}$/

/** Generates an unguessable client id: a broker lets anyone who presents it take the connection over. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const text = btoa(String.fromCharCode(...bytes))
  return text.replaceAll('+', '-').replaceAll('/', '_').slice(0, 22)
}

/** Topic levels that may be a prefix. */
export const PREFIX: RegExp = /^[\w-]+(\/[\w-]+)*$/
/** Longest prefix, in characters: a frame of the largest size and its topic go into one packet. */
export const MAX_PREFIX = 128

/** Topics of one deployment. */
export class Topics {
  readonly prefix: string

  /**
   * @param prefix one or more topic levels of letters, digits, `_` and `-`, without leading or trailing slashes.
   * @throws {RangeError} for another one, or one that is longer than {@link MAX_PREFIX}.
   */
  constructor(prefix: string) {
    if (!PREFIX.test(prefix) || prefix.length > MAX_PREFIX)
      throw new RangeError(
        `The topic prefix must be levels of letters, digits, "_" and "-", ${MAX_PREFIX} characters at most.`,
      )
    this.prefix = prefix
  }

  /** From the client of a line to the server; `''` where there is only one. */
  up(line: string, kind: Kind, server = ''): string {
    return `${this.prefix}/up/${line}/${server === '' ? '' : `${server}/`}${kind}`
  }

  /** From the server to the client of a line; `+` for every kind. */
  down(line: string, kind: Kind | '+'): string {
    return `${this.prefix}/down/${line}/${kind}`
  }

  /**
   * The subscriptions of a server on an external broker: requests, of which each goes to one of the servers that share it; last
   * wills; and what is for this server.
   * @param group name under which the servers share the requests.
   */
  everyUp(server: string, group: string): string[] {
    const { prefix } = this
    return [`$share/${group}/${prefix}/up/+/open`, `${prefix}/up/+/gone`, `${prefix}/up/+/${server}/+`]
  }

  /** The topic of a server's last will: all its lines are gone. */
  get serverGone(): string {
    return `${this.prefix}/down/all/gone`
  }

  /** The topics that a client may publish on. */
  everyUpOf(line: string): ReadonlyMap<string, Kind> {
    return new Map(kinds.map((kind) => [this.up(line, kind), kind]))
  }

  /** @returns line and kind of a client's message, or `undefined` when the topic is not a client's. */
  readUp(topic: string, server = ''): { readonly line: string; readonly kind: Kind } | undefined {
    const before = `${this.prefix}/up/`
    const levels = topic.startsWith(before) ? topic.slice(before.length).split('/') : []
    const [line = '', kind = '', ...rest] =
      levels.length === 3 && levels[1] === server ? levels.toSpliced(1, 1) : levels
    const known = kinds.find((one) => one === kind)
    return LINE_ID.test(line) && known !== undefined && rest.length === 0 ? { line, kind: known } : undefined
  }
}

/** @returns how many frames came before a `bye`; 0 when it does not say. */
export function readBye(payload: string): number {
  return /^\d{1,15}$/.test(payload) ? Number(payload) : 0
}

/** @returns number and text of a `frame`; `undefined` when it is not one. */
export function readFrame(payload: string): { readonly n: number; readonly text: string } | undefined {
  const [, n] = /^(\d{1,15}):/.exec(payload.slice(0, 16)) ?? []
  return n === undefined ? undefined : { n: Number(n), text: payload.slice(n.length + 1) }
}
