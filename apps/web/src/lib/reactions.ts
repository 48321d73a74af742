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
/** A person is said to react at most so often, in milliseconds. */
const SAID_EVERY_MS = 1_000
/** Reactions that are said one after the other when many come at once: the last ones. */
const MOST_SAID = 5

/** A reaction of somebody else, for those who do not see it. */
export interface SaidReaction {
  /** Grows: the same emoji may come again. */
  readonly number: number
  readonly who: string
  readonly emoji: Emoji
}

const said = createStore<readonly SaidReaction[]>([])
const nothingSaid: readonly SaidReaction[] = []
let toSay: readonly SaidReaction[] = []
let lastNumber = 0
const saidAt = new Map<string, number>()
const timers = new Map<string, ReturnType<typeof setTimeout>>()
let change: ReturnType<typeof setTimeout> | undefined

/** Reactions that are shown now, by the key of the person's tile. */
export const shownReactions: Store<ReadonlyMap<string, Emoji>> = store

/** Shows the reaction of a person, by the key of their tile, for a while; a new one takes the place of the one before. */
export function showReaction(who: string, emoji: Emoji): void {
  clearTimeout(timers.get(who))
  reactions.set(who, emoji)
  if (who !== 'self' && performance.now() - (saidAt.get(who) ?? -Infinity) >= SAID_EVERY_MS) {
    saidAt.set(who, performance.now())
    lastNumber += 1
    toSay = [...toSay, { number: lastNumber, who, emoji }].slice(-MOST_SAID)
  }
  const end = () => {
    timers.delete(who)
    reactions.delete(who)
    saidAt.delete(who)
    toSay = toSay.filter((one) => one.who !== who)
    change ??= setTimeout(publish, CHANGE_MS)
  }
  timers.set(who, setTimeout(end, SHOWN_MS))
  change ??= setTimeout(publish, CHANGE_MS)
}

function publish(): void {
  change = undefined
  store.set(new Map(reactions))
  said.set(toSay)
}

/** Hook. @returns the reactions that are shown now, by the key of the person's tile. */
export function useReactions(): ReadonlyMap<string, Emoji> {
  return useSyncExternalStore(store.subscribe, store.getSnapshot, () => none)
}

/** Reactions of others, each of which is said once; they go with what is shown. */
export const saidReactions: Store<readonly SaidReaction[]> = said

/** Hook. @returns the reactions of others that are said. */
export function useSaidReactions(): readonly SaidReaction[] {
  return useSyncExternalStore(said.subscribe, said.getSnapshot, () => nothingSaid)
}
