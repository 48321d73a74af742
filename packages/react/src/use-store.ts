import type { Store } from '@patchbay/core/store'
import { useMemo, useSyncExternalStore } from 'react'
import { throttle } from './throttle.ts'

const subscribeToNothing = () => () => {}
/** Least time between two renderings of one store, in milliseconds. */
const RENDER_MS = 40

/** Subscribes to a store; `fallback`, the same object each time, is used on the server and without a store. */
export function useStore<T>(store: Store<T> | undefined, fallback: T): T {
  const read = store?.getSnapshot ?? (() => fallback)
  const subscribe = useMemo(
    () => (store === undefined ? subscribeToNothing : throttle(store.subscribe, RENDER_MS)),
    [store],
  )
  return useSyncExternalStore(subscribe, read, () => fallback)
}
