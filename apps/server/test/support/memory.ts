import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes in use after a full garbage collection: the heap, and buffers outside it. */
export async function retainedBytes(): Promise<number> {
  for (let i = 0; i < 3; i += 1) {
    collect()
    // Finalizers of sockets and buffers run between turns.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
