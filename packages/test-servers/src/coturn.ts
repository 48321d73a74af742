import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, openFolder, requireProgram, ServerProcess } from './program.ts'

/** A coturn on loopback, with the configuration that the server ships. */
export interface Coturn {
  readonly port: number
  readonly secret: string
  stop(): Promise<void>
}

/**
 * Starts a coturn.
 * @param configuration path of `turnserver.conf`. Peers on loopback are allowed, unlike in it: the tests' only network.
 */
export async function startCoturn(configuration: string): Promise<Coturn> {
  const path = requireProgram('turnserver')
  const folder = await openFolder('coturn')
  const port = await freePort()
  const secret = 'shared-with-the-signaling-server'
  const text = await readFile(configuration, 'utf8')
  const adapted = text
    .replace('listening-port=3478', `listening-port=${port}\nlistening-ip=127.0.0.1\nrelay-ip=127.0.0.1`)
    .replace('static-auth-secret=CHANGE-ME', `static-auth-secret=${secret}`)
    .replace(/^denied-peer-ip=(127\.|::1|::ffff:0\.0\.0\.0).*$/gm, '')
  const conf = join(folder, 'turnserver.conf')
  await writeFile(conf, `${adapted}\nallow-loopback-peers\n`)
  const files = [`--userdb=${join(folder, 'db')}`, `--pidfile=${join(folder, 'pid')}`, '--log-file=stdout']
  const program = new ServerProcess(path, ['-c', conf, '--no-cli', ...files], [port])
  await program.start()
  return {
    port,
    secret,
    async stop() {
      await program.stop('SIGKILL')
      await rm(folder, { recursive: true })
    },
  }
}
