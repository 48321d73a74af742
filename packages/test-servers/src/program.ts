import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** @returns the path of an installed program, or `undefined`. Also searches `sbin`, which may not be in the path. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** @throws when the program is not installed. */
export function requireProgram(name: string): string {
  const path = findProgram(name)
  if (path === undefined) throw new Error(`${name} is not installed; "pnpm test --install" installs it where it can.`)
  return path
}

/** Ports below those that systems give to whoever asks for any (from 32 768 on Linux): nobody gets one of them by chance. */
const usualPorts = [22_000, 29_999] as const
/** Given out by this process: a program may not have begun to listen yet. */
const given = new Set<number>()

/** A port of this machine on which nothing listens. @param range the first and the last that will do. */
export async function freePort([first, last]: readonly [number, number] = usualPorts): Promise<number> {
  for (;;) {
    const port = randomInt(first, last + 1)
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  try {
    await once(probe.listen(port, '127.0.0.1'), 'listening')
  } catch {
    return false
  }
  probe.close()
  await once(probe, 'close')
  return true
}

/** A new folder that is readable by a program that drops its privileges. */
export async function openFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `patchbay-${name}-`))
  await chmod(folder, 0o755)
  return folder
}

/** How much is kept of what a program says, in UTF-16 code units. */
const MAX_SAID = 20_000

/** A server process that listens on ports of this machine, on loopback unless another address is given. */
export class ServerProcess {
  readonly #path: string
  readonly #args: readonly string[]
  readonly #ports: readonly number[]
  readonly #host: string
  readonly #isDetached: boolean
  #child: ChildProcess | undefined
  #said = ''

  /** @param isDetached in a process group of its own: Ctrl-C in a terminal does not end it. */
  constructor(path: string, args: readonly string[], ports: readonly number[], host = '127.0.0.1', isDetached = false) {
    this.#isDetached = isDetached
    this.#path = path
    this.#args = args
    this.#ports = ports
    this.#host = host
  }

  /** Starts it and waits until all of its ports accept connections. @throws when it exits first. */
  async start(): Promise<void> {
    const child = spawn(this.#path, this.#args, { stdio: ['ignore', 'ignore', 'pipe'], detached: this.#isDetached })
    this.#child = child
    this.#said = ''
    child.stderr.on('data', (chunk: Buffer) => (this.#said = (this.#said + chunk.toString()).slice(-MAX_SAID)))
    for (const port of this.#ports) {
      while (!(await isListening(port, this.#host))) {
        this.#requireAlive(child)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    // Another server may have answered on the port.
    this.#requireAlive(child)
  }

  /** The end of what it has written to its standard error since it was started. */
  get said(): string {
    return this.#said
  }

  #requireAlive({ exitCode, signalCode }: ChildProcess): void {
    if (exitCode !== null || signalCode !== null)
      throw new Error(`${this.#path} ended (${exitCode ?? signalCode}): ${this.#said}`)
  }

  /** Sends a signal and does not wait. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** Stops it and waits until it has exited. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
}

/** Whether something accepts connections there. */
export async function isListening(port: number, host = '127.0.0.1'): Promise<boolean> {
  const socket = connect(port, host)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
