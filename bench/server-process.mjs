import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, isListening } from '@patchbay/test-servers'

const probe = new URL('probe.mjs', import.meta.url).href

/** On Linux the server is pinned to one core and the load generator to the other; elsewhere the system decides. */
export const pinned = spawnSync('taskset', ['-pc', '1', String(process.pid)]).status === 0

/** Unpins this process and its future children: a browser has many threads. */
export function unpin() {
  if (pinned) spawnSync('taskset', ['-pc', `0-${cpus().length - 1}`, String(process.pid)])
}

/** A server in a separate process. */
export async function startServer({ script, env, nodeArgs = [] }) {
  const port = await freePort()
  const child = fork(script, {
    env: { ...process.env, NODE_ENV: 'production', WS_NO_BUFFER_UTIL: '1', PORT: String(port), ...env },
    execArgv: [...nodeArgs, '--expose-gc', '--import', probe],
  })
  if (pinned) spawnSync('taskset', ['-apc', '0', String(child.pid)])
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`${script} ended with ${code} before it listened.`)
  })
  const listens = async () => {
    while (!(await isListening(port))) await sleep(50)
  }
  await Promise.race([died, listens()])
  died.catch(() => {})
  return {
    port,
    /** @returns {Promise<{ cpuMicros: number, rssBytes: number }>} what the process has used so far. */
    async usage(request = 'usage') {
      child.send(request)
      const [answer] = await once(child, 'message')
      return answer
    },
    async stop() {
      child.disconnect()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}
