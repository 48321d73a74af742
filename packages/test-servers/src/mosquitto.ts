import { execFileSync } from 'node:child_process'
import { chmod, copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, openFolder, requireProgram, ServerProcess } from './program.ts'

/** A Mosquitto broker on loopback, with the configuration that `transport-mqtt` ships. */
export interface Mosquitto {
  readonly tcpPort: number
  readonly webSocketPort: number
  /** Login of the signaling server. */
  readonly server: { readonly username: string; readonly password: string }
  /** Login of every client. */
  readonly page: { readonly username: string; readonly password: string }
  /** Kills it and starts it again on the same ports. */
  restart(): Promise<void>
  /** Stops its process, or has it go on. */
  freeze(isFrozen: boolean): void
  stop(): Promise<void>
}

const server = { username: 'server', password: 'of-the-server' }
const page = { username: 'page', password: 'of-everybody' }

/**
 * Starts Mosquitto.
 * @param configuration folder with `mosquitto.conf` and `acl`.
 */
export async function startMosquitto(configuration: string): Promise<Mosquitto> {
  const path = requireProgram('mosquitto')
  const folder = await openFolder('mosquitto')
  const [tcpPort, webSocketPort] = [await freePort(), await freePort()]
  const passwords = join(folder, 'passwd')
  const acl = join(folder, 'acl')
  await writeFile(passwords, '')
  for (const { username, password } of [server, page]) {
    execFileSync(requireProgram('mosquitto_passwd'), ['-b', passwords, username, password], { stdio: 'ignore' })
  }
  await copyFile(join(configuration, 'acl'), acl)
  // When started as root, Mosquitto reads its files as another user.
  for (const file of [passwords, acl]) await chmod(file, 0o644)
  const text = await readFile(join(configuration, 'mosquitto.conf'), 'utf8')
  const adapted = text
    .replace('listener 1883', `listener ${tcpPort} 127.0.0.1`)
    .replace('listener 9001', `listener ${webSocketPort} 127.0.0.1`)
    .replace('/etc/mosquitto/passwd', passwords)
    .replace('/etc/mosquitto/acl', acl)
  const conf = join(folder, 'mosquitto.conf')
  await writeFile(conf, adapted)
  const program = new ServerProcess(path, ['-c', conf], [tcpPort, webSocketPort])
  await program.start()
  return {
    tcpPort,
    webSocketPort,
    server,
    page,
    async restart() {
      await program.stop('SIGKILL')
      await program.start()
    },
    freeze: (isFrozen) => program.signal(isFrozen ? 'SIGSTOP' : 'SIGCONT'),
    async stop() {
      await program.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
