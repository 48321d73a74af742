import { cleanName, type CloseCode, MAX_DURATION_MS, type PeerId, type RoomId } from '@patchbay/protocol'
import type { Clock, RemoteEnd } from '../transport/index.ts'

/** Whoever asks to come in, or to stay. */
export interface Visitor {
  /** As the client gave it; `undefined` when it gave none. */
  readonly token: string | undefined
  readonly remote: RemoteEnd
  /** Name of the line's transport. */
  readonly transport: string
  /** Proven by the client's secret; not an account. `undefined` for whoever asks for credentials of a line, before any greeting. */
  readonly peer: PeerId | undefined
}

/** What a token allows. */
export interface Grant {
  /** Whose it is. A session can only be resumed and renewed with tokens of the same subject. */
  readonly subject?: string
  /** Name in every room, whatever the client says. In a sealed room, members see it only of those who knock. */
  readonly name?: string
  /** Rooms that may be entered; by default all. A function answers at once: a promise allows nothing. */
  readonly rooms?: readonly string[] | ((room: RoomId) => boolean)
  /** Rooms in which it is a host: it may lock them, let people in and remove them; by default none. */
  readonly host?: boolean | ((room: RoomId) => boolean)
  /** How long it is valid, in milliseconds from now; it is judged again after a day at the latest. By default it does not expire. */
  readonly expiresInMs?: number
}

/** Why somebody may not come in: `token_expired` has the client come back with a new token, `unauthorized` ends it. */
export interface Refusal {
  readonly refused: 'unauthorized' | 'token_expired'
}

/** Decides who may come in. It is asked for each greeting, each renewal and credentials of a line, and has 3 s. */
export type Authorize = (visitor: Visitor) => Grant | Refusal | Promise<Grant | Refusal>

/** A line is given up by its client when it is not welcomed within this time. */
const JUDGE_MS = 3_000
const everything: Grant = {}

/** Asks `authorize`, whatever it does: answers, throws, or never comes back. */
export class Authority {
  readonly #authorize: Authorize | undefined
  readonly #clock: Clock
  readonly #failed: (error: unknown) => void

  /** @param failed told of errors of `authorize`; whoever asked is refused with `internal_error`, which is retryable. */
  constructor(authorize: Authorize | undefined, clock: Clock, failed: (error: unknown) => void) {
    this.#authorize = authorize
    this.#clock = clock
    this.#failed = failed
  }

  /** @returns what the visitor may do, or why it is refused. At once where nobody has to be asked. Never rejects. */
  judge(visitor: Visitor): Grant | CloseCode | Promise<Grant | CloseCode> {
    const authorize = this.#authorize
    if (authorize === undefined) return everything
    return new Promise((resolve) => {
      const fail = (error: unknown) => {
        this.#failed(error)
        resolve('internal_error')
      }
      const stopTimer = this.#clock.after(JUDGE_MS, () =>
        fail(new Error(`authorize did not answer in ${JUDGE_MS} ms.`)),
      )
      Promise.resolve()
        .then(() => authorize(visitor))
        .then((answer) => resolve(verdictOf(answer)))
        .catch(fail)
        .finally(stopTimer)
    })
  }
}

/** @throws {TypeError} when `authorize` has answered neither with a grant nor with a refusal. */
function verdictOf(answer: Grant | Refusal): Grant | CloseCode {
  if (typeof answer !== 'object' || (answer as unknown) === null)
    throw new TypeError('authorize must return a grant, such as {}, or { refused: "unauthorized" }.')
  if ('refused' in answer) {
    if (answer.refused === 'unauthorized' || answer.refused === 'token_expired') return answer.refused
    throw new TypeError('`refused` must be "unauthorized" or "token_expired".')
  }
  const { subject, name, rooms, host, expiresInMs } = answer as Readonly<Record<keyof Grant, unknown>>
  if (subject !== undefined && typeof subject !== 'string') throw new TypeError('`subject` must be a string.')
  if (name !== undefined && typeof name !== 'string') throw new TypeError('`name` must be a string.')
  if (rooms !== undefined && typeof rooms !== 'function' && !Array.isArray(rooms))
    throw new TypeError('`rooms` must be an array of names, or a function.')
  if (host !== undefined && typeof host !== 'function' && typeof host !== 'boolean')
    throw new TypeError('`host` must be true, false, or a function.')
  const shown = name === undefined ? undefined : cleanName(name)
  if (shown === '') throw new TypeError('`name` must have at least one visible character.')
  // What was checked, and nothing else: an answer may be an object with getters.
  const grant = {
    ...(subject !== undefined && { subject }),
    ...(shown !== undefined && { name: shown }),
    ...(rooms !== undefined && { rooms: rooms as NonNullable<Grant['rooms']> }),
    ...(host !== undefined && { host: host as NonNullable<Grant['host']> }),
  }
  if (expiresInMs === undefined) return grant
  if (typeof expiresInMs !== 'number' || !Number.isFinite(expiresInMs))
    throw new TypeError('`expiresInMs` must be a number of milliseconds.')
  if (expiresInMs <= 0) return 'token_expired'
  return { ...grant, expiresInMs: Math.min(MAX_DURATION_MS, Math.ceil(expiresInMs)) }
}
