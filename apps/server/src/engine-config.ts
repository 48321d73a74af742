import { readFileSync } from 'node:fs'
import type { Engine, EngineHealth } from '@patchbay/core/engine'
import { readableFile } from '@patchbay/plug'
import * as v from 'valibot'
import { ConfigError } from './config-error.ts'

/** The variables of what several servers share. */
export const engineVariables = {
  /** Redis that several servers share, so that their clients meet in the same rooms; this server is alone when unset. */
  ENGINE_URL: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^rediss?(\+(cluster|sentinel))?:\/\/[^\s]+$/, 'must be a URL such as redis://host:6379'),
    ),
  ),
  /** PEM file with the CA certificate for Redis and its sentinels. */
  ENGINE_CA_FILE: v.optional(readableFile()),
  /** Password of the sentinels; the login in `ENGINE_URL` is that of the servers behind them. */
  ENGINE_SENTINEL_PASSWORD: v.optional(v.string()),
  /** First part of every key there; deployments that share a Redis need one each. */
  ENGINE_PREFIX: v.optional(
    v.pipe(v.string(), v.regex(/^[\w:.-]{1,64}$/, 'must be letters, digits and : . _ -')),
    'patchbay:',
  ),
}

/** Who is told how the engine fares. */
interface EngineWatch {
  readonly onError: (error: Error) => void
  readonly onHealth: (health: EngineHealth) => void
}

/** Opens what several servers share. */
export type OpenEngine = (watch: EngineWatch) => Engine

/** Says how to open the engine; its code is loaded only where one is asked for. @throws {ConfigError} when a variable does not fit the URL. */
export async function engineOf(
  values: v.InferOutput<v.ObjectSchema<typeof engineVariables, undefined>>,
): Promise<OpenEngine | undefined> {
  const { ENGINE_URL: url = '', ENGINE_CA_FILE: caFile, ENGINE_SENTINEL_PASSWORD: sentinelPassword } = values
  if (caFile !== undefined && !url.startsWith('rediss'))
    throw new ConfigError('ENGINE_CA_FILE: needs an ENGINE_URL with TLS, such as rediss://host:6379')
  if (sentinelPassword !== undefined && !url.includes('+sentinel:'))
    throw new ConfigError('ENGINE_SENTINEL_PASSWORD: needs an ENGINE_URL such as redis+sentinel://host:26379/master')
  if (url === '') return undefined
  const { checkRedisUrl, redisEngine } = await import('@patchbay/engine-redis')
  try {
    checkRedisUrl(url)
  } catch (error) {
    throw new ConfigError(`ENGINE_URL: ${(error as Error).message}`)
  }
  const options = {
    ...(caFile !== undefined && { tls: { ca: readFileSync(caFile) } }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
  }
  return (watch) => redisEngine({ url, options, prefix: values.ENGINE_PREFIX, ...watch })
}
