import type { ChatEntry } from '@patchbay/core/mesh'
import { createStore } from '@patchbay/core/store'
import { type RefObject, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react'

/** Distance from the end that still counts as at the end, in CSS pixels. */
const END_SLACK_PX = 40

const unreadCount = createStore(0)

/** Messages from others that have not been in view; for the page's title. */
export function useUnreadCount(): number {
  return useSyncExternalStore(unreadCount.subscribe, unreadCount.getSnapshot, () => 0)
}

function subscribeToVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}

/** Result of {@link useUnread}. */
export interface Unread {
  /** Number of messages from others that have not been in view. */
  readonly unread: number
  /** Key of the first unread message, or of the last such one, so that the mark stays while the person reads on. */
  readonly firstUnread: string | undefined
  readonly onScroll: () => void
  /** Scrolls to the end, and stays there as messages arrive. */
  readonly toEnd: () => void
}

/**
 * Keeps a log scrolled to its end while the person is there, counts messages that arrive while they are elsewhere or
 * the page is hidden. The count is shown in the page's title, too: {@link useUnreadCount}.
 */
export function useUnread(entries: readonly ChatEntry[], scroller: RefObject<HTMLElement | null>): Unread {
  const atEnd = useRef(true)
  const [seen, setSeen] = useState(0)
  const [firstUnread, setFirstUnread] = useState<string>()
  const visible = useSyncExternalStore(
    subscribeToVisibility,
    () => document.visibilityState === 'visible',
    () => true,
  )
  const missed = entries.slice(seen).filter((entry) => entry.kind === 'message' && entry.from !== undefined)
  const unread = missed.length
  const firstMissed = unread === 1 ? missed[0]?.key : undefined

  useLayoutEffect(() => {
    const element = scroller.current
    if (atEnd.current) element?.scrollTo({ top: element.scrollHeight })
  }, [entries, scroller])

  // The stage may appear or disappear above the log; the log's end must stay in view.
  useEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => atEnd.current && element.scrollTo({ top: element.scrollHeight }))
    observer.observe(element)
    return () => observer.disconnect()
  }, [scroller])

  useEffect(() => {
    if (visible && atEnd.current) setSeen(entries.length)
    else if (firstMissed !== undefined) setFirstUnread(firstMissed)
  }, [entries, visible, firstMissed])

  useEffect(() => {
    unreadCount.set(unread)
    return () => unreadCount.set(0)
  }, [unread])

  return {
    unread,
    firstUnread,
    onScroll() {
      const element = scroller.current
      if (element === null) return
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < END_SLACK_PX
      if (atEnd.current && visible) setSeen(entries.length)
    },
    toEnd() {
      atEnd.current = true
      scroller.current?.scrollTo({ top: scroller.current.scrollHeight })
      setSeen(entries.length)
    },
  }
}
