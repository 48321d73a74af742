import { type AppHeader, encodeAppFrame, MAX_APP_BYTES, payloadOf, type PeerId } from '@patchbay/protocol'
import { InvalidFieldError } from '../../signaling/index.ts'
import { callEach } from '../../store.ts'
import type { AppLink, Delivery } from './app-link.ts'
import { ChannelError } from './channel-error.ts'

/** The part of a Standard Schema (standardschema.dev, version 1) that is used here: Valibot, Zod and ArkType have it. */
export interface Schema<T> {
  readonly '~standard': {
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>
  }
}
type SchemaResult<T> = { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly unknown[] }

/** Options of an application channel. */
export interface ChannelOptions<T> {
  /** `ordered` by default. */
  readonly delivery?: Delivery
  /**
   * Checks messages and requests that arrive: a message that it does not allow is dropped, a request answered with `failed`. Answers are
   * not checked. Without a schema, nothing is.
   */
  readonly schema?: Schema<T>
}

/** Options of a request. */
export interface RequestOptions {
  /** How long to wait for the answer, in milliseconds, at most 2 147 483 647; `Infinity`: without end. 10 000 by default. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/**
 * Answers requests; what returns `undefined` answers with `null`. `signal` fires when the answer is no longer waited for. An error
 * is a way to refuse: it reaches the other end as `failed`, and is reported nowhere else.
 */
export type RequestHandler<T, R> = (value: T, from: PeerId, signal: AbortSignal) => R | Promise<R>

/** How the channels of an application reach one of them. */
export interface AppChannelPort {
  take(value: unknown, from: PeerId): void
  /** Whether it answers requests. */
  answers(): boolean
  answer(value: unknown, from: PeerId, signal: AbortSignal): Promise<unknown>
  drained(): void
}

/** The room of a channel. */
interface AppChannelRoom {
  readonly links: ReadonlyMap<PeerId, AppLink>
  /** Whether this client has left it. */
  readonly isLeft: () => boolean
}

const TIMEOUT_MS = 10_000
/** Timers take a longer delay for none (HTML §8.6). */
const MAX_TIMEOUT_MS = 2 ** 31 - 1
/** Messages of one member that a schema may have before it. */
const MAX_UNCHECKED = 256

/**
 * The application's own data, by name, to all members or one: JSON or bytes, up to 65 536 bytes each. Members whose page
 * does not have the channel ignore it.
 */
export class AppChannel<T, R = unknown> {
  readonly name: string
  readonly #delivery: Delivery
  readonly #schema: Schema<T> | undefined
  readonly #room: AppChannelRoom
  readonly #unregister: () => void
  /** Messages that a schema is still checking, by sender. */
  readonly #queues = new Map<PeerId, { waiting: number; last: Promise<void> }>()
  readonly #listeners = new Set<(value: T, from: PeerId) => void>()
  readonly #drainListeners = new Set<() => void>()
  #answer: RequestHandler<T, R> | undefined

  constructor(
    name: string,
    options: ChannelOptions<T>,
    room: AppChannelRoom,
    register: (port: AppChannelPort) => () => void,
  ) {
    this.name = name
    this.#delivery = options.delivery ?? 'ordered'
    this.#schema = options.schema
    this.#room = room
    this.#unregister = register({
      take: (taken, from) => this.#take(taken, from),
      answers: () => this.#answer !== undefined,
      answer: (asked, from, signal) => this.#answerTo(asked, from, signal),
      drained: () => callEach(this.#drainListeners, (listener) => listener()),
    })
  }

  /**
   * Sends a value to every connected member, or to one. Whoever is not connected, or whose connection is being restored,
   * does not get it.
   * @returns `false` if nothing was sent, because the room was left, or because on an `ordered` channel too much waits for
   * someone: try again after `onDrain`. On a `latest` channel a newer value replaces one that waits. `true`
   * also where nobody is connected to get it.
   * @throws {InvalidFieldError} when the value is neither bytes nor JSON.
   * @throws {ChannelError} `too_big`.
   */
  send(value: T, to?: PeerId): boolean {
    const frame = this.#encode(value, (bytes) => ({ kind: 'message', channel: this.name, bytes }))
    if (this.#room.isLeft()) return false
    const links = [...this.#room.links.values()].filter(
      (link) => (link.isOpen || link.isOpening) && (to === undefined || link.peer === to),
    )
    if (!links.every((link) => link.isReady(this.#delivery, frame.length))) return false
    for (const link of links) link.send(this.#delivery, this.name, frame)
    return true
  }

  /**
   * Sends a value to one member and waits for its answer.
   * @throws {ChannelError} `unsupported`, `busy`, `failed`, `gone`, `timeout`, `too_big`.
   * @throws {InvalidFieldError} for a value that is neither bytes nor JSON, or a `timeoutMs` that cannot be; or the reason of the signal.
   */
  async request(value: T, to: PeerId, { timeoutMs = TIMEOUT_MS, signal }: RequestOptions = {}): Promise<R> {
    if (!(timeoutMs >= 0) || (timeoutMs > MAX_TIMEOUT_MS && timeoutMs !== Infinity))
      throw new InvalidFieldError('timeoutMs', `from 0 to ${MAX_TIMEOUT_MS}, or Infinity`)
    const link = this.#room.links.get(to)
    if (link === undefined) throw new ChannelError('unsupported')
    const frame = (id: number) => this.#encode(value, (bytes) => ({ kind: 'request', channel: this.name, bytes, id }))
    return (await link.ask(this.name, frame, { timeoutMs, signal })) as R
  }

  /** Calls `listener` with each value that arrives. @returns a function that unsubscribes. */
  onMessage(listener: (value: T, from: PeerId) => void): () => void {
    const own: typeof listener = (value, from) => listener(value, from)
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  /** Answers requests with `handler`; the last one given answers. @returns a function that removes it. */
  onRequest(handler: RequestHandler<T, R>): () => void {
    this.#answer = handler
    return () => {
      if (this.#answer === handler) this.#answer = undefined
    }
  }

  /** Calls `listener` when more can be sent than before. @returns a function that unsubscribes. */
  onDrain(listener: () => void): () => void {
    const own = () => listener()
    this.#drainListeners.add(own)
    return () => this.#drainListeners.delete(own)
  }

  /** Stops listening and answering. */
  close(): void {
    this.#listeners.clear()
    this.#drainListeners.clear()
    this.#answer = undefined
    this.#unregister()
  }

  #take(value: unknown, from: PeerId): void {
    const checked = this.#schema === undefined ? { value: value as T } : validate(this.#schema, value)
    const queue = this.#queues.get(from) ?? { waiting: 0, last: Promise.resolve() }
    if (!(checked instanceof Promise) && queue.waiting === 0) return this.#tell(checked, from)
    // One after another for each member, because a schema may take its time; whoever sends more than it can check is not heard.
    if (queue.waiting >= MAX_UNCHECKED) return
    queue.waiting += 1
    this.#queues.set(from, queue)
    queue.last = queue.last.then(async () => {
      this.#tell(await checked, from)
      queue.waiting -= 1
      if (queue.waiting === 0) this.#queues.delete(from)
    })
  }

  #tell(checked: SchemaResult<T>, from: PeerId): void {
    if (checked.issues !== undefined) return
    callEach(this.#listeners, (listener) => listener(checked.value, from))
  }

  async #answerTo(value: unknown, from: PeerId, signal: AbortSignal): Promise<R> {
    const checked = this.#schema === undefined ? { value: value as T } : await validate(this.#schema, value)
    if (checked.issues !== undefined) throw new ChannelError('failed')
    if (this.#answer === undefined) throw new ChannelError('unsupported')
    return this.#answer(checked.value, from, signal)
  }

  #encode(value: unknown, header: (bytes: boolean) => AppHeader): Uint8Array<ArrayBuffer> {
    const made = payloadOf(value)
    if (made === undefined) throw new InvalidFieldError('value', 'bytes, or something that JSON can hold')
    if (made.payload.length > MAX_APP_BYTES) throw new ChannelError('too_big')
    return encodeAppFrame(header(made.bytes), made.payload)
  }
}

/** A schema that throws, or answers with nothing, allows nothing. Its promise need not be the platform's: zone.js has its own. */
function validate<T>(schema: Schema<T>, value: unknown): SchemaResult<T> | Promise<SchemaResult<T>> {
  const refused = { issues: ['failed'] }
  try {
    const result = schema['~standard'].validate(value)
    if (!('then' in result)) return result
    return Promise.resolve(result).then(
      (settled) => settled ?? refused,
      () => refused,
    )
  } catch {
    return refused
  }
}
