import { createStore } from '@patchbay/core/store'
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
const reactions = createStore<ReadonlyMap<string, Emoji>>(new Map())
const none: ReadonlyMap<string, Emoji> = new Map()
const timers = new Map<string, ReturnType<typeof setTimeout>>()

/** Shows the reaction of a person, by the key of their tile, for a while; a new one takes the place of the one before. */
export function showReaction(who: string, emoji: Emoji): void {
  clearTimeout(timers.get(who))
  reactions.set(new Map(reactions.getSnapshot()).set(who, emoji))
  const end = () => {
    const left = new Map(reactions.getSnapshot())
    left.delete(who)
    timers.delete(who)
    reactions.set(left)
  }
  timers.set(who, setTimeout(end, SHOWN_MS))
}

/** Reactions that are shown now, by the key of the person's tile. */
export function useReactions(): ReadonlyMap<string, Emoji> {
  return useSyncExternalStore(reactions.subscribe, reactions.getSnapshot, () => none)
}
