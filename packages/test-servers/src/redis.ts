import { execFileSync } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCertificate } from './certificate.ts'
import { freePort, openFolder, requireProgram, ServerProcess } from './program.ts'

/** A Redis on loopback that keeps nothing. */
export interface Redis {
  readonly port: number
  readonly url: string
  /** Kills it and starts it again, empty, on the same port. */
  restart(): Promise<void>
  /** Stops it where it is, or lets it go on: it answers nothing meanwhile. */
  freeze(isFrozen: boolean): void
  /** Runs one command. @returns what `redis-cli` prints. */
  command(...words: string[]): string
  stop(): Promise<void>
}

/** A Redis on loopback that speaks TLS. */
export interface TlsRedis {
  /** With the name in its certificate. */
  readonly url: string
  /** PEM file of the authority that its certificate is from. */
  readonly caFile: string
  stop(): Promise<void>
}

/** A sentinel of one master, which it calls `master`. */
export interface Sentinel {
  readonly port: number
  stop(): Promise<void>
}

/** Three masters, and a replica of the first. */
export interface RedisCluster {
  readonly url: string
  readonly ports: readonly number[]
  /** Runs one command on every server. */
  command(...words: string[]): void
  /** Empties every master. */
  flush(): void
  /** Moves the slots of the first master to the second. */
  moveSlots(): void
  /** Kills the first master: its replica takes over. */
  killMaster(): Promise<void>
  stop(): Promise<void>
}

const cli = (port: number, ...words: string[]) =>
  execFileSync(requireProgram('redis-cli'), ['-p', String(port), ...words], { encoding: 'utf8' })

interface Instance {
  readonly port: number
  readonly program: ServerProcess
  readonly folder: string
}

/** Nodes of a cluster talk to each other 10 000 ports higher, where neither systems nor tests give ports out. */
const clusterPorts = [20_000, 21_999] as const

async function start(
  extra: readonly string[] = [],
  ports?: readonly [number, number],
  isDetached = false,
): Promise<Instance> {
  const port = await freePort(ports)
  const folder = await openFolder('redis')
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  const program = new ServerProcess(requireProgram('redis-server'), [...args, ...extra], [port], undefined, isDetached)
  await program.start()
  return { port, program, folder }
}

async function stop({ program, folder }: Instance): Promise<void> {
  await program.stop('SIGKILL')
  await rm(folder, { recursive: true, force: true })
}

/** Starts a Redis. @param isDetached in a process group of its own: Ctrl-C in a terminal does not end it. */
export async function startRedis(isDetached = false): Promise<Redis> {
  const one = await start([], undefined, isDetached)
  return {
    port: one.port,
    url: `redis://127.0.0.1:${one.port}`,
    async restart() {
      await one.program.stop('SIGKILL')
      await one.program.start()
    },
    freeze: (isFrozen) => one.program.signal(isFrozen ? 'SIGSTOP' : 'SIGCONT'),
    command: (...words) => cli(one.port, ...words),
    stop: () => stop(one),
  }
}

/** Starts a Redis that speaks TLS. @throws {Error} without OpenSSL. */
export async function startTlsRedis(): Promise<TlsRedis> {
  const folder = await openFolder('redis-tls')
  const files = await createCertificate(folder)
  if (files === undefined) throw new Error('There is no openssl.')
  const port = await freePort()
  const tls = ['--tls-port', String(port), '--tls-cert-file', files.certificate, '--tls-key-file', files.key]
  const one = await start([...tls, '--tls-auth-clients', 'no'])
  return {
    url: `rediss://localhost:${port}`,
    caFile: files.certificate,
    async stop() {
      await stop(one)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Starts a sentinel that watches the Redis on a port of this machine. @param password that it asks for, if any. */
export async function startSentinel(masterPort: number, password?: string): Promise<Sentinel> {
  const port = await freePort()
  const folder = await openFolder('sentinel')
  const file = join(folder, 'sentinel.conf')
  const lines = [`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`, `sentinel monitor master 127.0.0.1 ${masterPort} 1`]
  if (password !== undefined) lines.push(`requirepass ${password}`)
  await writeFile(file, `${lines.join('\n')}\n`)
  const program = new ServerProcess(requireProgram('redis-server'), [file, '--sentinel'], [port])
  await program.start()
  return { port, stop: () => stop({ port, program, folder }) }
}

/** Starts a cluster. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const own = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--cluster-require-full-coverage', 'no']
  const nodes = await Promise.all(
    Array.from({ length: 4 }, async (_, index) =>
      start(
        [...own, '--cluster-config-file', `nodes-${index}.conf`, '--cluster-replica-validity-factor', '0'],
        clusterPorts,
      ),
    ),
  )
  const [first, second, third, replica] = nodes as [Instance, Instance, Instance, Instance]
  const idOf = ({ port }: Instance) => cli(port, 'CLUSTER', 'MYID').trim()
  const masters = [first, second, third].map(({ port }) => `127.0.0.1:${port}`)
  cli(first.port, '--cluster', 'create', ...masters, '--cluster-yes')
  await until(() => cli(third.port, 'CLUSTER', 'INFO').includes('cluster_state:ok'))
  cli(
    first.port,
    '--cluster',
    'add-node',
    `127.0.0.1:${replica.port}`,
    masters[0] ?? '',
    '--cluster-slave',
    '--cluster-master-id',
    idOf(first),
  )
  await until(() => nodes.every(({ port }) => cli(port, 'CLUSTER', 'INFO').includes('cluster_known_nodes:4')))
  await until(() => cli(replica.port, 'INFO', 'replication').includes('master_link_status:up'))
  return {
    url: `redis+cluster://${masters.join(',')}`,
    ports: nodes.map(({ port }) => port),
    command(...words) {
      for (const { port } of nodes) cli(port, ...words)
    },
    flush() {
      for (const { port } of [first, second, third]) cli(port, 'FLUSHALL')
    },
    moveSlots() {
      cli(
        first.port,
        '--cluster',
        'reshard',
        masters[0] ?? '',
        '--cluster-from',
        idOf(first),
        '--cluster-to',
        idOf(second),
        '--cluster-slots',
        '5461',
        '--cluster-yes',
      )
    },
    killMaster: () => first.program.stop('SIGKILL'),
    async stop() {
      for (const node of nodes) await stop(node)
    },
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 50))
}
