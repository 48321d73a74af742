import type { Transfer } from '@patchbay/core/files'
import { createStore } from '@patchbay/core/store'
import { useEffect, useSyncExternalStore } from 'react'
import { isAsking } from '@/lib/log-entries'
import { trusts } from '@/lib/trust'

/** How much of a question must be in sight, of 1. */
const IN_SIGHT = 0.5
const none: ReadonlySet<string> = new Set()
/** Keys of transfers whose question is in sight. */
const inSight = createStore(none)
/** How long it may take to scroll to a question, in milliseconds. */
const SCROLL_MS = 2_000
/** The transfer whose question gets the focus when it comes into sight, until that time. */
let wanted: { readonly key: string; readonly until: number } | undefined

/** Notes whether a question is in sight. @param answers the buttons that answer it; `null` without a question. */
export function useAsked(key: string, answers: HTMLElement | null): void {
  useEffect(() => {
    if (answers === null) return undefined
    const note = (isInSight: boolean) => {
      if (inSight.getSnapshot().has(key) === isInSight) return
      const others = [...inSight.getSnapshot()].filter((other) => other !== key)
      inSight.set(new Set(isInSight ? [...others, key] : others))
      if (!isInSight || wanted?.key !== key || performance.now() > wanted.until) return
      wanted = undefined
      answers.querySelector('button')?.focus({ preventScroll: true })
    }
    const observer = new IntersectionObserver((seen) => note((seen.at(-1)?.intersectionRatio ?? 0) >= IN_SIGHT), {
      threshold: IN_SIGHT,
    })
    observer.observe(answers)
    return () => {
      observer.disconnect()
      note(false)
    }
  }, [key, answers])
}

/** The files that wait for this person's answer and are out of sight. */
export function useUnseenQuestions(transfers: readonly Transfer[]): readonly Transfer[] {
  const seen = useSyncExternalStore(inSight.subscribe, inSight.getSnapshot, () => none)
  return transfers.filter((transfer) => isAsking(transfer) && !seen.has(transfer.key) && !trusts(transfer.peer))
}

/** Gives the focus to a question when it comes into sight. */
export function focusQuestion(key: string): void {
  wanted = { key, until: performance.now() + SCROLL_MS }
}
