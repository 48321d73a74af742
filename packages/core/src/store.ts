/** A value that can be watched: `getSnapshot` returns the same object until it changes. */
export interface Store<T> {
  getSnapshot(): T
  /** @returns its own undo. */
  subscribe(listener: () => void): () => void
}

/** A store with its writer's half. */
export interface WritableStore<T> extends Store<T> {
  set(value: T): void
}

/** A store that holds `value` until it is set anew. Its functions need no `this`. */
export function createStore<T>(value: T): WritableStore<T> {
  let current = value
  const listeners = new Set<() => void>()
  return {
    getSnapshot: () => current,
    subscribe(listener) {
      // A wrapper of its own, so that one function subscribed twice is two subscriptions.
      const own = () => listener()
      listeners.add(own)
      return () => listeners.delete(own)
    },
    set(next) {
      if (Object.is(current, next)) return
      current = next
      for (const listener of [...listeners]) listener()
    },
  }
}
