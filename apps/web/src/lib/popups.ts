import { useSyncExternalStore } from 'react'

/** Menus, dialogs and notes: a chunk of its own. */
export type Popups = typeof import('@/components/ui/popups')

let popups: Popups | undefined
const listeners = new Set<() => void>()

/** Loads the code of popups, once. @throws {Error} if it cannot be fetched; the next call tries again. */
export async function loadPopups(): Promise<void> {
  popups ??= await import('@/components/ui/popups')
  for (const listener of listeners) listener()
}

/** The code of popups, or `undefined` until it is loaded. */
export function usePopups(): Popups | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    () => popups,
    () => undefined,
  )
}
