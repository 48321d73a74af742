/** An observable value: `getSnapshot` returns the same object until it changes. */
export interface Store<T> {
  readonly getSnapshot: () => T
  /** @returns a function that unsubscribes. */
  readonly subscribe: (listener: () => void) => () => void
}

/** A store that can also be written. */
export interface WritableStore<T> extends Store<T> {
  readonly set: (value: T) => void
}

/** Creates a store with an initial value. Its functions need no `this`. */
export function createStore<T>(value: T): WritableStore<T> {
  let current = value
  const listeners = new Set<() => void>()
  return {
    getSnapshot: () => current,
    subscribe(listener) {
      // A new wrapper each time, so that one function subscribed twice is two subscriptions.
      const own = () => listener()
      listeners.add(own)
      return () => listeners.delete(own)
    },
    set(next) {
      if (Object.is(current, next)) return
      current = next
      callEach(listeners, (listener) => listener())
    },
  }
}

/** Calls each listener that was there, except those that another one of them has meanwhile taken away. */
export function callEach<L>(listeners: ReadonlySet<L>, call: (listener: L) => void): void {
  for (const listener of [...listeners]) if (listeners.has(listener)) callSafely(() => call(listener))
}

/**
 * Calls a function that is not ours, such as a listener. Its error is its own: it is reported as an uncaught one, and the caller
 * goes on.
 */
export function callSafely(call: () => void): void {
  try {
    call()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
