import { useEffect, useSyncExternalStore } from 'react'

/** A part of the page whose code is fetched when it is used. */
export interface LazyCode<T> {
  /** @returns the code, or `undefined` until it is there. @param isWanted whether to fetch it. */
  readonly use: (isWanted: boolean) => T | undefined
  /** Fetches the code before it is used: by then the network may be down. */
  readonly preload: () => void
}

/** @param load fetches the code; where that fails, the next use tries again. */
export function createLazyCode<T>(load: () => Promise<T>): LazyCode<T> {
  let code: T | undefined
  let loading: Promise<void> | undefined
  const listeners = new Set<() => void>()
  const subscribe = (listener: () => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  const begin = async () => {
    try {
      code = await load()
      for (const listener of listeners) listener()
    } catch {
      loading = undefined
    }
  }
  const preload = () => void (loading ??= begin())
  return {
    preload,
    use: function useLazyCode(isWanted) {
      useEffect(() => {
        if (isWanted) preload()
      }, [isWanted])
      const loaded = useSyncExternalStore(
        subscribe,
        () => code,
        () => undefined,
      )
      return isWanted ? loaded : undefined
    },
  }
}
