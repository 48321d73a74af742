import type { Post } from '@patchbay/core/engine'
import type { RedisClient } from './redis-client.ts'

/** How long a read waits for something to come. */
const BLOCK_MS = 5_000
const COUNT = 256
/** Before the next try of a read that failed. */
const RETRY_MS = 50

/** Reads a stream from one place on, whatever happens to the connection: what came meanwhile is still there. */
export class Inbox {
  readonly #client: RedisClient
  readonly #onError: (error: Error) => void
  #lastId: string | undefined
  /** Ends the loop of the one before. */
  #stop: AbortController | undefined

  constructor(client: RedisClient, onError: (error: Error) => void) {
    this.#client = client
    this.#onError = onError
  }

  /** Everything up to here was taken. */
  get lastId(): string | undefined {
    return this.#lastId
  }

  /** Reads what comes after `id`. Fulfilled when there is a connection to read from. */
  async open(key: string, id: string, take: (post: Post) => void): Promise<void> {
    if (this.#stop !== undefined) {
      this.#stop.abort()
      // A read that waits on the connection would hold the new one up.
      this.#client.reconnect()
    }
    this.#stop = new AbortController()
    this.#lastId = id
    void this.#loop(key, take, this.#stop.signal)
    await this.#client.ready()
  }

  close(): void {
    this.#stop?.abort()
    this.#client.disconnect()
  }

  async #loop(key: string, take: (post: Post) => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const [id, fields] of await this.#read(key)) {
        if (signal.aborted) return
        this.#lastId = id
        const post = readPost(fields)
        try {
          if (post !== undefined) take(post)
        } catch (error) {
          // Of whoever takes the posts: the next one comes all the same.
          this.#onError(error instanceof Error ? error : new Error(String(error)))
        }
      }
    }
  }

  /** @returns entries with their ids; none when the read failed, after a pause. */
  async #read(key: string): Promise<readonly [string, string[]][]> {
    try {
      await this.#client.ready()
      const answer = await this.#client.xread('COUNT', COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', key, this.#lastId ?? '$')
      return answer?.[0]?.[1] ?? []
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      return []
    }
  }
}

/** Fields of a stream entry: `f` and a node, `n` and a number, and `t` and a text as often as there are texts. */
function readPost(fields: readonly string[]): Post | undefined {
  const [f, from, n, number, ...rest] = fields
  if (f !== 'f' || n !== 'n' || from === undefined || !/^\d{1,15}$/.test(number ?? '')) return undefined
  return { from, n: Number(number), texts: rest.filter((_, index) => index % 2 === 1) }
}
