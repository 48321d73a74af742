import type { ChatEntry } from '@patchbay/core/mesh'
import { type RefObject, useEffect, useRef, useState, useSyncExternalStore } from 'react'

/** Closer to the end than this counts as at the end, in CSS pixels. */
const END_SLACK_PX = 40

function subscribeToVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}

/** What {@link useUnread} tells of a log. */
export interface Unread {
  /** Messages of others that have not been in view. */
  readonly unread: number
  /** Key of the first of them, or of the last that was, so that the mark stays while the person reads on. */
  readonly firstUnread: string | undefined
  /** Whether the log is scrolled to its end, and should stay there. */
  readonly atEnd: RefObject<boolean>
  onScroll(): void
  readAll(): void
}

/** Counts what arrived while the page was hidden or scrolled up, and shows the count in the page's title. */
export function useUnread(entries: readonly ChatEntry[], scroller: RefObject<HTMLDivElement | null>): Unread {
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

  useEffect(() => {
    if (visible && atEnd.current) setSeen(entries.length)
    else if (missed.length === 1) setFirstUnread(missed[0]?.key)
  }, [entries, visible, missed])

  useEffect(() => {
    const plain = document.title.replace(/^\(\d+\) /, '')
    document.title = unread === 0 ? plain : `(${unread}) ${plain}`
  }, [unread])

  return {
    unread,
    firstUnread,
    atEnd,
    onScroll() {
      const element = scroller.current
      if (element === null) return
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < END_SLACK_PX
      if (atEnd.current && visible) setSeen(entries.length)
    },
    readAll() {
      atEnd.current = true
      setSeen(entries.length)
    },
  }
}
