import { createEngine, type Engine, type NodeId } from '@patchbay/core/engine'
import { connectRedis, readRedisUrl, type RedisPlace } from './redis-client.ts'
import { RedisStore } from './redis-store.ts'

/** Options of {@link redisEngine}. */
export interface RedisEngineOptions extends Pick<RedisPlace, 'url' | 'options' | 'natMap'> {
  /** First part of every key; deployments that share a Redis need one each. By default `patchbay:`. */
  readonly prefix?: string
  /** Told of each connection that is lost or refused, which are opened again for ever, and of what a handler has thrown. */
  readonly onError?: (error: Error) => void
  /** By default a fresh one, as each start of a process needs; see `EngineOptions` of `@patchbay/core/engine`. */
  readonly node?: NodeId
}

/**
 * What the nodes of one deployment share, in Redis 7.0 or newer: one server, one with sentinels, or a cluster.
 * @throws {TypeError} for a URL that is none of Redis.
 */
export function redisEngine({ prefix = 'patchbay:', node, onError = () => {}, ...place }: RedisEngineOptions): Engine {
  if (!/^[\w:.-]{0,64}$/.test(prefix))
    throw new TypeError('The prefix of keys must be letters, digits and : . _ - only.')
  checkRedisUrl(place.url)
  const connect = () => connectRedis({ ...place, onError })
  return createEngine({
    store: new RedisStore(connect(), connect(), prefix, onError),
    ...(node !== undefined && { node }),
  })
}

/** @throws {TypeError} for a URL that is none of Redis; the message says how one looks, without the URL. */
export function checkRedisUrl(url: string): void {
  try {
    readRedisUrl(url)
  } catch (error) {
    throw new TypeError(`The URL of Redis ${(error as Error).message}.`, { cause: error })
  }
}
