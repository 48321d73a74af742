import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCertificate } from './certificate.ts'
import { freePort, openFolder, requireProgram, ServerProcess } from './program.ts'

/** A coturn on loopback, with the configuration that `apps/server` ships. */
export interface Coturn {
  readonly port: number
  /** Port of TURN over TLS, with a self-signed certificate for `localhost`; `undefined` without OpenSSL. */
  readonly tlsPort: number | undefined
  readonly secret: string
  stop(): Promise<void>
}

/** Where coturn listens in a test's own network. */
export interface CoturnPlace {
  /** Relayed addresses are allocated on the first one. */
  readonly addresses: readonly [string, ...string[]]
  readonly port: number
  /** An additional port on the first address, for networks that allow nothing else. */
  readonly alsoOn?: number
}

/**
 * Starts coturn on a free loopback port, or at `place`.
 * @param configuration path of `turnserver.conf`. On loopback, its ban on loopback peers is lifted.
 */
export async function startCoturn(configuration: string, place?: CoturnPlace): Promise<Coturn> {
  const path = requireProgram('turnserver')
  const folder = await openFolder('coturn')
  const port = place?.port ?? (await freePort())
  const [relay, ...others] = place?.addresses ?? ['127.0.0.1']
  const secret = 'shared-with-the-signaling-server'
  const text = await readFile(configuration, 'utf8')
  const listen = [relay, ...others].map((address) => `listening-ip=${address}`)
  if (place?.alsoOn !== undefined) listen.push(`aux-server=${relay}:${place.alsoOn}`)
  const adapted = text
    .replace('listening-port=3478', [`listening-port=${port}`, ...listen, `relay-ip=${relay}`].join('\n'))
    .replace('static-auth-secret=CHANGE-ME', `static-auth-secret=${secret}`)
  const tls = place === undefined ? await configureTls(folder) : undefined
  const conf = join(folder, 'turnserver.conf')
  await writeFile(conf, place === undefined ? onLoopback(adapted, tls?.lines) : adapted)
  const files = [`--userdb=${join(folder, 'db')}`, `--pidfile=${join(folder, 'pid')}`, '--log-file=stdout']
  const program = new ServerProcess(path, ['-c', conf, '--no-cli', ...files], [port], relay)
  await program.start()
  return {
    port,
    tlsPort: tls?.port,
    secret,
    async stop() {
      await program.stop('SIGKILL')
      await rm(folder, { recursive: true })
    },
  }
}

/** Allows loopback peers in a coturn configuration, which production must deny: the tests have no other network. */
export function loopbackPeers(text: string): string {
  return `${text.replace(/^denied-peer-ip=(127\.|::1|::ffff:0\.0\.0\.0).*$/gm, '')}\nallow-loopback-peers\n`
}

/** The configuration for loopback, with further lines. */
function onLoopback(text: string, lines: readonly string[] = []): string {
  return `${loopbackPeers(text)}${lines.map((line) => `${line}\n`).join('')}`
}

/** @returns configuration lines that enable TLS, and its port; `undefined` without OpenSSL. */
async function configureTls(folder: string): Promise<{ lines: string[]; port: number } | undefined> {
  const files = await createCertificate(folder)
  if (files === undefined) return undefined
  const port = await freePort()
  return { lines: [`tls-listening-port=${port}`, `cert=${files.certificate}`, `pkey=${files.key}`], port }
}
