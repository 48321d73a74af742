import { createStore } from '@patchbay/core/store'
import { useSyncExternalStore } from 'react'

/** How often whoever reads captions says so, in milliseconds. */
export const TELL_MS = 4_000
/** After which whoever has not said so again no longer counts as reading, in milliseconds. */
export const FORGET_MS = 15_000

const store = createStore<ReadonlySet<string>>(new Set())
const nobody: ReadonlySet<string> = new Set()
const timers = new Map<string, ReturnType<typeof setTimeout>>()

/** Notes whether somebody reads captions, by their id. */
export function noteReader(id: string, reads: boolean): void {
  clearTimeout(timers.get(id))
  timers.delete(id)
  if (reads)
    timers.set(
      id,
      setTimeout(() => noteReader(id, false), FORGET_MS),
    )
  if (store.getSnapshot().has(id) !== reads) store.set(new Set(timers.keys()))
}

/** Ids of those who read captions. */
export const captionReaders = store.getSnapshot

/** Hook. @returns the ids of those who read captions. */
export function useCaptionReaders(): ReadonlySet<string> {
  return useSyncExternalStore(store.subscribe, store.getSnapshot, () => nobody)
}
