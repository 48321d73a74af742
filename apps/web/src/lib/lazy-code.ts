import { useEffect, useSyncExternalStore } from 'react'

/** Between two tries to fetch what is wanted, in milliseconds. */
const RETRY_MS = 3_000

/** A part of the page whose code is fetched when it is used, or ahead of that. */
export interface LazyCode<T> {
  /** Fetches the code, once. @throws {Error} if it cannot be fetched; the next call tries again. */
  readonly load: () => Promise<T>
  /** Hook. @returns the code, or `undefined` until it is there. */
  readonly useLoaded: () => T | undefined
  /** Hook. Fetches the code if `isWanted`, again and again if it has to, and returns it then. */
  readonly use: (isWanted: boolean) => T | undefined
}

/** @param fetch gets the code. */
export function createLazyCode<T>(fetch: () => Promise<T>): LazyCode<T> {
  let code: T | undefined
  let loading: Promise<T> | undefined
  const listeners = new Set<() => void>()
  const subscribe = (listener: () => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  const begin = async () => {
    try {
      code = await fetch()
    } catch (error) {
      loading = undefined
      throw error
    }
    for (const listener of listeners) listener()
    return code
  }
  const load = () => (loading ??= begin())
  const useLoaded = () =>
    useSyncExternalStore(
      subscribe,
      () => code,
      () => undefined,
    )
  return {
    load,
    useLoaded,
    use: function useWanted(isWanted) {
      useEffect(() => {
        if (!isWanted) return undefined
        let timer: ReturnType<typeof setTimeout> | undefined
        const attempt = () => void load().catch(() => (timer = setTimeout(attempt, RETRY_MS)))
        attempt()
        return () => clearTimeout(timer)
      }, [isWanted])
      const loaded = useLoaded()
      return isWanted ? loaded : undefined
    },
  }
}
