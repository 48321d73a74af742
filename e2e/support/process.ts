import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { isListening } from '@patchbay/test-servers'

interface ProgramOptions {
  readonly cwd: string
  readonly env: Record<string, string>
  /** Whether the program is ready. */
  readonly ready: () => Promise<boolean>
}

/** A `ready` for programs that answer at a URL. */
export const answersAt = (url: string) => async (): Promise<boolean> =>
  (await fetch(url).catch(() => undefined))?.ok === true

/** A `ready` for programs that accept connections on loopback, all of them on TCP ports. */
export const acceptsAt = (ports: readonly number[]) => async (): Promise<boolean> =>
  (await Promise.all(ports.map((port) => isListening(port)))).every(Boolean)

/** A program under test, in a separate process. */
export class Program {
  readonly #command: string
  readonly #args: readonly string[]
  readonly #options: ProgramOptions
  #child: ChildProcess | undefined
  #output = ''

  constructor(command: string, args: readonly string[], options: ProgramOptions) {
    this.#command = command
    this.#args = args
    this.#options = options
  }

  /** The end of its output. */
  get output(): string {
    return this.#output
  }

  /** Starts it and waits until it answers. @throws with its output when it exits first. */
  async start(): Promise<void> {
    const { cwd, env, ready } = this.#options
    const child = spawn(this.#command, this.#args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' })
    this.#child = child
    this.#output = ''
    const keep = (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-10_000))
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    for (;;) {
      if (child.exitCode !== null) throw new Error(`${this.#args[0]} ended at once:\n${this.#output}`)
      if (await ready()) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** Stops it and waits until it has exited. @returns its exit code. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
    return child.exitCode
  }
}

/** What specs do with the signaling server, be it one program or several. */
export type Programs = Pick<Program, 'start' | 'stop' | 'output'>

/** Several programs as one. */
export function together(programs: readonly Program[]): Programs {
  return {
    get output() {
      return programs.map(({ output }) => output).join('\n')
    },
    async start() {
      for (const program of programs) await program.start()
    },
    async stop(signal) {
      const codes = await Promise.all(programs.map((program) => program.stop(signal)))
      return codes.find((code) => code !== 0) ?? 0
    },
  }
}
