import type { EngineStore } from '../../src/engine/index.ts'
import type { Clock } from '../../src/transport/index.ts'

/** How a node's way to the store is disturbed. */
export interface Trouble {
  /** Nothing that it asks for is done. */
  isCut: boolean
  /** What is posted to it does not come. */
  isDeaf: boolean
  /** How long each act takes, in milliseconds. */
  delayMs: number
  /** Rules that it makes are made, and nobody says so. */
  losesAnswers?: boolean
}

/** A store with troubles of its own. */
export function troubled(store: EngineStore, trouble: Trouble, clock: Clock): EngineStore {
  const act =
    <A extends unknown[], T>(of: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      if (trouble.delayMs > 0) await new Promise<void>((resolve) => void clock.after(trouble.delayMs, resolve))
      if (trouble.isCut) throw new Error('The store cannot be reached.')
      return of(...args)
    }
  return {
    beat: act((...args) => store.beat(...args)),
    end: act((...args) => store.end(...args)),
    claim: act((...args) => store.claim(...args)),
    release: act((...args) => store.release(...args)),
    enter: act((...args) => store.enter(...args)),
    put: act((...args) => store.put(...args)),
    rule: act(async (...args) => {
      const change = await store.rule(...args)
      if (trouble.losesAnswers === true) throw new Error('The answer is lost.')
      return change
    }),
    remove: act((...args) => store.remove(...args)),
    read: act((...args) => store.read(...args)),
    post: act((...args) => store.post(...args)),
    listen: act((node, take) => store.listen(node, (post) => !trouble.isDeaf && !trouble.isCut && take(post))),
    close: () => store.close(),
  }
}
