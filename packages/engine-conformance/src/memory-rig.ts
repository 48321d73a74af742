import { createEngine, type Engine, type EngineStore, MemoryStore, type Post } from '@patchbay/core/engine'
import type { Clock } from '@patchbay/core/transport'
import type { EngineRig } from './rig.ts'

/** A clock that advances only on request. */
class RigClock implements Clock {
  readonly #timers = new Set<{ readonly at: number; readonly task: () => void }>()
  #now = 0

  now(): number {
    return this.#now
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.#now + delayMs, task }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      // Everything that waits for a promise only.
      await new Promise((resolve) => setImmediate(resolve))
      const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.task()
    }
    this.#now = end
  }
}

/** Changes that a test makes to the parts of a node. */
export interface Defect {
  readonly store?: (store: EngineStore) => EngineStore
  readonly engine?: (engine: Engine) => Engine
}

/** The engine in memory, with several nodes on one store. */
export function memoryRig(defect: Defect = {}): EngineRig {
  const clock = new RigClock()
  const shared = new MemoryStore(clock)
  return {
    node() {
      let isCut = false
      let isDeaf = false
      let taking: ((post: Post) => void) | undefined
      const store = shared.connect()
      const disturbed = new Proxy(store, {
        get: (_, name: keyof EngineStore) => {
          if (name === 'listen')
            return async (node: string, take: (post: Post) => void) => {
              if (isCut) throw new Error('cut')
              taking = (post) => !isCut && !isDeaf && take(post)
              await store.listen(node, taking)
            }
          return async (...args: unknown[]) => {
            if (isCut) throw new Error('cut')
            return (store[name] as (...of: unknown[]) => unknown)(...args)
          }
        },
      })
      const engine = createEngine({ store: defect.store?.(disturbed) ?? disturbed, clock })
      let injected = 0
      return {
        engine: defect.engine?.(engine) ?? engine,
        cut: (now) => void (isCut = now),
        deafen: (now) => void (isDeaf = now),
        inject: (text) => taking?.({ from: 'forger', n: (injected += 1), texts: [text] }),
      }
    },
    restartEmpty: () => shared.restart(),
    wait: (ms) => clock.advance(ms),
    isVirtual: true,
    dispose: () => undefined,
  }
}
