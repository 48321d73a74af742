import { createStore, type Store } from '@patchbay/core/store'
import { useSyncExternalStore } from 'react'

/** How often whoever reads captions says so, in milliseconds. */
export const TELL_MS = 4_000
/** After which whoever has not said so again no longer counts as reading, in milliseconds. */
export const FORGET_MS = 15_000
/** After which whoever stops reading no longer counts, in milliseconds: anybody may start and stop hundreds of times a second. */
export const HOLD_MS = 1_000

const store = createStore<ReadonlySet<string>>(new Set())
const nobody: ReadonlySet<string> = new Set()
const timers = new Map<string, ReturnType<typeof setTimeout>>()

/** Ids of those who read captions. */
export const captionReaders: Store<ReadonlySet<string>> = store

/** Notes whether somebody reads captions, by their id. */
export function noteReader(id: string, reads: boolean): void {
  const isNew = !timers.has(id)
  if (isNew && !reads) return
  clearTimeout(timers.get(id))
  const forget = () => {
    timers.delete(id)
    publish()
  }
  timers.set(id, setTimeout(forget, reads ? FORGET_MS : HOLD_MS))
  if (isNew) publish()
}

function publish(): void {
  store.set(new Set(timers.keys()))
}

/** Hook. @returns the ids of those who read captions. */
export function useCaptionReaders(): ReadonlySet<string> {
  return useSyncExternalStore(store.subscribe, store.getSnapshot, () => nobody)
}
