import { Cluster, Redis, type RedisOptions as AllOptions } from 'ioredis'
import { type ScriptName, scripts } from './scripts.ts'

type Fields = readonly (string | number)[]
type RedisOptions = Omit<AllOptions, 'replyMapping' | 'protocol'>

/** The commands that are used, on a server or on a cluster. */
export interface RedisClient {
  run(name: ScriptName, keys: readonly string[], args: Fields): Promise<unknown>
  pexpire(key: string, ms: number): Promise<unknown>
  zrem(key: string, member: string): Promise<unknown>
  del(key: string): Promise<unknown>
  xadd(key: string, ...args: Fields): Promise<string | null>
  xtrim(key: string, strategy: 'MINID', id: string): Promise<unknown>
  xread(...args: Fields): Promise<[string, [string, string[]][]][] | null>
  /**
   * How often a server was lost, or another took its place: what was written shortly before may be gone, since Redis acknowledges
   * writes before a replica or the disk has them.
   */
  readonly losses: number
  /** Fulfilled when there is a connection. */
  ready(): Promise<void>
  /** Drops the connection and opens another. */
  reconnect(): unknown
  disconnect(): void
}

/** Where Redis is, and how to get in. */
export interface RedisPlace {
  /**
   * `redis://` or `rediss://` with a user, a password and a database as usual; `redis+cluster://` with the nodes of a cluster
   * separated by commas, and no database; `redis+sentinel://` with sentinels, and the name of the master as the path.
   * `rediss+…` is with TLS.
   */
  readonly url: string
  /** Further options of `ioredis`: certificates, for example. Their `db` counts where the URL names no database. */
  readonly options?: RedisOptions
  /** Where the servers of a cluster are reached, by the addresses that it tells: containers and tunnels have others. */
  readonly natMap?: Readonly<Record<string, { readonly host: string; readonly port: number }>>
  readonly onError: (error: Error) => void
  /** Told of each connection once commands can be given on it. */
  readonly onReady?: () => void
}

/**
 * Commands fail at once while there is no connection, and are never repeated by `ioredis`; connections are opened again for ever,
 * after a second at most.
 */
const usual = {
  // Replies have the same shapes whatever the server.
  protocol: 2,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 2_000,
  // A connection on which nothing comes is dead; a node asks something every second, and reads wait for 5 s.
  socketTimeout: 8_000,
  autoResubscribe: false,
  retryStrategy: (attempt: number) => Math.min(50 * attempt, 1_000),
  // Behind one address there may be another master, and connections to the one before stay open. `true`: nothing is sent again.
  reconnectOnError: ({ message }: Error) => message.startsWith('READONLY'),
  // A sentinel that accepts and says nothing: the next one is asked.
  sentinelCommandTimeout: 2_000,
  // Always the same: the error in which it says so is told once for each text.
  sentinelRetryStrategy: () => 250,
} satisfies AllOptions

/** @throws {TypeError} for a URL that is not one of Redis. */
export function connectRedis({ url, options = {}, natMap, onError, onReady }: RedisPlace): RedisClient {
  const client = open(url, { ...usual, ...options }, natMap)
  let refusal: Error | undefined
  client.on('error', (error: Error) => {
    // Its own handshake on a connection that is being closed: why it is, was said before.
    if (error.message.startsWith('Stream isn')) return
    refusal = explained(error)
    onError(refusal)
    // `ioredis` would go on with database 0, which may be another deployment's.
    if (isOfSelect(error)) client.disconnect(true)
  })
  client.on('ready', () => {
    refusal = undefined
    onReady?.()
  })
  /** Without a connection `ioredis` says only that there is none. */
  const why = (error: unknown) => Promise.reject((client.status === 'ready' ? undefined : refusal) ?? error)
  for (const [name, lua] of Object.entries(scripts)) client.defineCommand(commandOf(name), { lua })
  /** How the first try to connect has ended is known. */
  const tried = new Promise<void>((resolve) => {
    for (const outcome of ['ready', 'error', 'close', 'end']) client.once(outcome, resolve)
  })
  const own = client as unknown as Record<string, (...args: Fields) => Promise<unknown>>
  const call = async (command: string, ...args: Fields) => {
    await tried
    return client.call(command, args.map(String)).catch(why)
  }
  let losses = 0
  watchServers(client, () => (losses += 1))
  let coming: Promise<void> | undefined
  const nextConnection = () =>
    new Promise<void>((resolve) => {
      client.once('ready', () => {
        coming = undefined
        resolve()
      })
    })
  return {
    async run(name, keys, args) {
      await tried
      return own[commandOf(name)]?.(keys.length, ...keys, ...args).catch(why)
    },
    pexpire: (key, ms) => call('PEXPIRE', key, ms),
    zrem: (key, member) => call('ZREM', key, member),
    del: (key) => call('DEL', key),
    xadd: (key, ...args) => call('XADD', key, ...args) as Promise<string | null>,
    xtrim: (key, strategy, id) => call('XTRIM', key, strategy, id),
    xread: (...args) => call('XREAD', ...args) as ReturnType<RedisClient['xread']>,
    get losses() {
      return losses
    },
    ready: () => (client.status === 'ready' ? Promise.resolve() : (coming ??= nextConnection())),
    // One that is being opened, or waits to be, is a new one already.
    reconnect: () => client.status === 'ready' && client.disconnect(true),
    disconnect: () => client.disconnect(),
  }
}

const isOfSelect = (error: Error) => (error as { command?: { name?: string } }).command?.name === 'select'

/** A cluster's error says what its last server has said, and one of several addresses what each of them has. */
function explained(error: Error): Error {
  const { lastNodeError, errors = lastNodeError ? [lastNodeError] : [] } = error as {
    lastNodeError?: Error | null
    errors?: readonly Error[]
  }
  if (errors.length === 0) return error
  const message = [error, ...errors].map((one) => one.message).filter((text) => text !== '')
  return new Error(message.join(' '), { cause: error })
}

/** Tells of each server that is lost, and in a cluster of each master whose place another has taken. */
function watchServers(client: Redis | Cluster, lost: () => void): void {
  if (client instanceof Redis) return void client.on('close', lost)
  const masters = () => new Set(client.nodes('master').map(({ options: { host, port } }) => `${host}:${port}`))
  let before = masters()
  client.on('-node', lost)
  client.on('refresh', () => {
    const now = masters()
    if ([...before].some((master) => !now.has(master))) lost()
    before = now
  })
}

const commandOf = (name: string) => `patchbay_${name}`

/** A URL of Redis, taken apart. */
interface Place {
  readonly kind: 'server' | 'cluster' | 'sentinel'
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  /** Name of the master, or number of the database. */
  readonly path: string
  readonly login: RedisOptions
}

/** @throws {TypeError} for a URL that is not one of Redis; without the URL, which may have a password in it. */
export function readRedisUrl(url: string): Place {
  const [, tls, kind = 'server', login = '', places = '', path = ''] =
    /^redis(s?)(?:\+(cluster|sentinel))?:\/\/([^@/]*@)?([^@/?]+)\/?([^?/]*)$/.exec(url) ?? []
  try {
    const { username, password } = new URL(`redis://${login}host`)
    const hosts = places.split(',').map((place) => {
      const { hostname, port } = new URL(`redis://${place}`)
      if (hostname === '') throw new TypeError('There is no host.')
      return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (kind === 'sentinel' ? 26_379 : 6_379)) }
    })
    if (kind === 'server' && (hosts.length > 1 || !/^\d*$/.test(path)))
      throw new TypeError('It is not a single server.')
    if (kind === 'cluster' && path !== '') throw new TypeError('A cluster has no databases.')
    return {
      kind: kind as Place['kind'],
      hosts,
      path,
      login: {
        ...(username !== '' && { username: decodeURIComponent(username) }),
        ...(password !== '' && { password: decodeURIComponent(password) }),
        ...(tls === 's' && { tls: {} }),
      },
    }
  } catch {
    throw new TypeError(
      'must be like redis://host:6379, redis+cluster://a:6379,b:6379 or redis+sentinel://a:26379/master',
    )
  }
}

function open(url: string, options: RedisOptions, natMap: RedisPlace['natMap']): Redis | Cluster {
  const { kind, hosts, path, login } = readRedisUrl(url)
  const all: RedisOptions = { ...login, ...options }
  // Nobody asks for the first connection.
  const lazyConnect = false
  if (kind === 'server') {
    const server: RedisOptions = { ...all, ...hosts[0], ...(path !== '' && { db: Number(path) }), lazyConnect }
    return new Redis(server)
  }
  if (kind === 'sentinel') {
    const { tls } = all
    const encrypted: RedisOptions = tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tls }
    const sentinels: RedisOptions = {
      ...encrypted,
      ...all,
      sentinels: [...hosts],
      name: path || 'mymaster',
      lazyConnect,
    }
    return new Redis(sentinels)
  }
  return new Cluster([...hosts], {
    enableOfflineQueue: false,
    redisOptions: all,
    ...(natMap !== undefined && { natMap }),
    // A command whose answer was lost is not sent again: whoever gave it has to know that it may have been done.
    retryDelayOnFailover: 0,
    clusterRetryStrategy: (attempt) => Math.min(50 * attempt, 1_000),
    slotsRefreshTimeout: 2_000,
    // A node that is gone is asked no more once another has its slots.
    slotsRefreshInterval: 5_000,
  })
}
