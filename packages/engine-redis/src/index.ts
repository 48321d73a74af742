import { checkNodeId, createEngine, type Engine, type EngineOptions } from '@patchbay/core/engine'
import { connectRedis, readRedisUrl, type RedisPlace } from './redis-client.ts'
import { RedisStore } from './redis-store.ts'

/** Options of {@link redisEngine}. */
export interface RedisEngineOptions
  extends Pick<RedisPlace, 'url' | 'options' | 'natMap'>, Pick<EngineOptions, 'node' | 'onHealth'> {
  /** First part of every key; deployments that share a Redis need one each. By default `patchbay:`. */
  readonly prefix?: string
  /**
   * Told why a connection is lost or refused, once for each reason until there is one again, and of what a handler has thrown.
   * Connections are opened again for ever.
   */
  readonly onError?: (error: Error) => void
}

/**
 * What the nodes of one deployment share, in Redis 7.0 or newer: one server, one with sentinels, or a cluster.
 * @throws {TypeError} for a URL that is not one of Redis, a `node` that cannot be the name of one, or a prefix with other characters than
 * letters, digits and `: . _ -`, or with more than 64.
 */
export function redisEngine(options: RedisEngineOptions): Engine {
  const { prefix = 'patchbay:', node, onHealth, onError = () => {}, ...place } = options
  if (!/^[\w:.-]{0,64}$/.test(prefix))
    throw new TypeError('The prefix of keys must be letters, digits and : . _ - only.')
  checkRedisUrl(place.url)
  // Before there are connections, which nobody would close.
  if (node !== undefined) checkNodeId(node)
  const reasons = new Set<string>()
  const connect = () =>
    connectRedis({
      ...place,
      onError(error) {
        if (!reasons.has(error.message)) onError(error)
        reasons.add(error.message)
      },
      onReady: () => reasons.clear(),
    })
  return createEngine({
    store: new RedisStore(connect(), connect(), prefix, onError),
    ...(node !== undefined && { node }),
    ...(onHealth !== undefined && { onHealth }),
  })
}

/** @throws {TypeError} for a URL that is not one of Redis; the message says how one looks, without the URL. */
export function checkRedisUrl(url: string): void {
  try {
    readRedisUrl(url)
  } catch (error) {
    throw new TypeError(`The URL of Redis ${(error as Error).message}.`, { cause: error })
  }
}
