import { existsSync, readdirSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, openFolder, requireProgram, ServerProcess } from '@patchbay/test-servers'

const configuration = new URL('../../kamailio/kamailio.cfg', import.meta.url)

/** A SIP exchange on loopback, with the configuration that this package ships. */
export interface Kamailio {
  /** Port of SIP over WebSocket. */
  readonly port: number
  /** Account of the signaling server. */
  readonly server: { readonly uri: string; readonly password: string }
  /** Account of every page; there is none where persons have accounts. */
  readonly page: { readonly uri: string; readonly password: string }
  /** What it has logged since it was started. */
  log(): string
  /** Stops it and starts it again on the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const server = { uri: 'sip:server@exchange.example', password: 'of-the-server' }
const page = { uri: 'sip:page@exchange.example', password: 'of-everybody' }

/** Whether this Kamailio can be had with accounts of persons. */
export function hasKamailioPersons(): boolean {
  const folders = ['/usr/lib', ...readdirSync('/usr/lib').map((name) => `/usr/lib/${name}`)]
  return folders.some((folder) => existsSync(`${folder}/kamailio/modules/auth_ephemeral.so`))
}

/**
 * Starts Kamailio.
 * @param personSecret for accounts of persons: what the signaling server shares with it.
 * @param change makes another exchange of the configuration.
 */
export async function startKamailio(
  personSecret?: string,
  change: (configuration: string) => string = (same) => same,
): Promise<Kamailio> {
  const path = requireProgram('kamailio')
  const folder = await openFolder('kamailio')
  const port = await freePort()
  const text = await readFile(configuration, 'utf8')
  const file = join(folder, 'kamailio.cfg')
  const persons = personSecret === undefined ? '' : `#!define PERSON_SECRET "${personSecret}"\n`
  const adapted = change(text)
    .replace('listen=tcp:0.0.0.0:8088', `listen=tcp:127.0.0.1:${port}`)
    .replace('#!KAMAILIO\n', `#!KAMAILIO\n${persons}`)
  await writeFile(file, adapted)
  // In the foreground, with little memory, and its files in a folder of its own.
  const args = ['-DD', '-E', '-f', file, '-Y', folder, '-P', join(folder, 'pid'), '-m', '32', '-M', '4', '-w', folder]
  const program = new ServerProcess(path, args, [port])
  await program.start()
  return {
    port,
    server,
    page,
    log: () => program.said,
    async restart() {
      // Not killed: its workers would outlive it.
      await program.stop()
      await program.start()
    },
    async stop() {
      await program.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
