import { createStore, type Store } from '@patchbay/core/store'
import { useSyncExternalStore } from 'react'

/** What people can show for a moment, and its message key. */
export const reactionsOffered = [
  { emoji: '👍', name: 'thumbsUp' },
  { emoji: '👏', name: 'clap' },
  { emoji: '❤️', name: 'heart' },
  { emoji: '😂', name: 'laugh' },
  { emoji: '😮', name: 'surprise' },
  { emoji: '🎉', name: 'party' },
] as const
/** One of those that are offered. */
export type Emoji = (typeof reactionsOffered)[number]['emoji']

/** How long a reaction is shown, in milliseconds. */
const SHOWN_MS = 4_000
/** Between two changes of what is shown, in milliseconds: anybody may send hundreds of reactions a second. */
const CHANGE_MS = 100
const store = createStore<ReadonlyMap<string, Emoji>>(new Map())
const none: ReadonlyMap<string, Emoji> = new Map()
const reactions = new Map<string, Emoji>()
const timers = new Map<string, ReturnType<typeof setTimeout>>()
let change: ReturnType<typeof setTimeout> | undefined

/** Reactions that are shown now, by the key of the person's tile. */
export const shownReactions: Store<ReadonlyMap<string, Emoji>> = store

/** Shows the reaction of a person, by the key of their tile, for a while; a new one takes the place of the one before. */
export function showReaction(who: string, emoji: Emoji): void {
  clearTimeout(timers.get(who))
  reactions.set(who, emoji)
  const end = () => {
    timers.delete(who)
    reactions.delete(who)
    change ??= setTimeout(publish, CHANGE_MS)
  }
  timers.set(who, setTimeout(end, SHOWN_MS))
  change ??= setTimeout(publish, CHANGE_MS)
}

function publish(): void {
  change = undefined
  store.set(new Map(reactions))
}

/** Hook. @returns the reactions that are shown now, by the key of the person's tile. */
export function useReactions(): ReadonlyMap<string, Emoji> {
  return useSyncExternalStore(store.subscribe, store.getSnapshot, () => none)
}
