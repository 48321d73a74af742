import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { roomyLimits } from './rig.ts'

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** The built server in a separate process, which tests can kill. */
export class ServerProcess {
  #child: ChildProcess | undefined

  /** Resolves when it listens. @returns the port; `0` takes a free one. */
  async start(port: number, environment: Record<string, string> = {}): Promise<number> {
    if (!existsSync(main)) throw new Error('The server is not built. Run `pnpm build` first.')
    const env = {
      ...process.env,
      ...roomyLimits,
      PORT: String(port),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      ...environment,
    }
    const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child = child
    let text = ''
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      text += String(chunk)
      const listening = /"port":(\d+).*"msg":"listening"/.exec(text)
      if (listening !== null) {
        child.stdout.resume()
        return Number(listening[1])
      }
    }
    throw new Error(`The server did not start: ${text}`)
  }

  /** Stops it where it is, or lets it go on. */
  freeze(isFrozen: boolean): void {
    this.#child?.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT')
  }

  /** Kills it with SIGKILL, so no client is told. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}
