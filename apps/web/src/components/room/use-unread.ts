import { createStore } from '@patchbay/core/store'
import {
  type RefObject,
  useEffect,
  useCallback,
  useEffectEvent,
  useLayoutEffect,
  useReducer,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import { isMeant, type LogEntry } from '@/lib/log-entries'
import { useFullScreenElement } from '@/lib/use-full-screen'

/** Distance from the end that still counts as at the end, in CSS pixels. */
const END_SLACK_PX = 40

/** How long the log may scroll by itself after the person has moved it, in milliseconds. */
const ACT_MS = 1_000

/** An event, by when it happened. */
type Timed = Pick<Event, 'timeStamp'>

/** Messages and files from others that have not been in view, and those of the messages that mention this person. */
export interface UnreadCount {
  readonly all: number
  readonly mentions: number
}

const nothing: UnreadCount = { all: 0, mentions: 0 }
const unreadCount = createStore(nothing)

/** What has not been in view; for the page's title. */
export function useUnreadCount(): UnreadCount {
  return useSyncExternalStore(unreadCount.subscribe, unreadCount.getSnapshot, () => nothing)
}

function subscribeToVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}

/** Result of {@link useUnread}. */
export interface Unread {
  /** Number of messages and files from others that have not been in view. */
  readonly unread: number
  /** Key of the first unread message, or of the last such one, so that the mark stays while the person reads on. */
  readonly firstUnread: string | undefined
  readonly onScroll: (event: Timed) => void
  /** The person does something in the log: what scrolls next is their doing. */
  readonly onAct: (event: Timed) => void
  /** Stays where it is from now on, unless it is at the end once it has been drawn. */
  readonly leaveEnd: () => void
  /** Looks whether it is at the end once it has been drawn. */
  readonly look: () => void
  /** Scrolls to the end, and stays there as messages arrive. */
  readonly toEnd: () => void
}

/**
 * Keeps a log scrolled to its end while the person is there, counts messages that arrive while they are elsewhere or
 * the page is hidden, or a picture fills the screen. The count is shown in the page's title, too: {@link useUnreadCount}. @param self this person's
 * id. @param onRead called when the person has seen everything.
 */
export function useUnread(
  entries: readonly LogEntry[],
  self: string,
  scroller: RefObject<HTMLElement | null>,
  onRead: () => void,
): Unread {
  const atEnd = useRef(true)
  const top = useRef(0)
  const height = useRef(0)
  /** When the person last did something in the log, and when it was last sent to its end. */
  const acted = useRef(-Infinity)
  const ended = useRef(-Infinity)
  const [looks, look] = useReducer((count: number) => count + 1, 0)
  const leaveEnd = useCallback(() => {
    atEnd.current = false
    look()
  }, [])
  /** The last entry that was in view. */
  const [seen, setSeen] = useState<Pick<LogEntry, 'key' | 'at'>>()
  const [firstUnread, setFirstUnread] = useState<string>()
  const isShown = useSyncExternalStore(
    subscribeToVisibility,
    () => document.visibilityState === 'visible',
    () => true,
  )
  // The log is behind what fills the screen.
  const visible = useFullScreenElement() === null && isShown
  const last = entries.at(-1)
  // What was said before this page came is not new.
  const missed = entries.slice(placeAfter(entries, seen)).filter(isNews)
  const unread = missed.length
  const mentions = missed.filter((entry) => isMeant(entry, self)).length
  const firstMissed = missed[0]?.key
  /** How many were unread before: the mark stays where it is until all of them were read. */
  const before = useRef(0)

  // What stands in the place of an empty log is read from its beginning.
  const follow = useEffectEvent(() => {
    const element = scroller.current
    if (atEnd.current && entries.length > 0) element?.scrollTo({ top: element.scrollHeight })
  })
  useLayoutEffect(() => follow(), [entries])

  // The stage may appear or disappear above the log, and its entries may grow; the log's end must stay in view.
  useEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => follow())
    observer.observe(element)
    // The log's own height changes as its entries are measured, edited or cut.
    for (const child of element.children) observer.observe(child)
    return () => observer.disconnect()
  }, [scroller])

  const read = useEffectEvent(() => {
    setSeen(last)
    onRead()
  })
  useEffect(() => {
    const isRead = visible && atEnd.current
    if (isRead) read()
    else if (before.current === 0 && firstMissed !== undefined) setFirstUnread(firstMissed)
    before.current = isRead ? 0 : unread
  }, [entries, visible, firstMissed, unread])

  // A log that need not scroll to show something fires no event.
  useEffect(() => {
    if (looks === 0) return
    // By then it has scrolled, if it had to.
    const frame = requestAnimationFrame(() => {
      if (scroller.current === null || !isNearEnd(scroller.current)) return
      atEnd.current = true
      if (visible) read()
    })
    return () => cancelAnimationFrame(frame)
  }, [looks, scroller, visible])

  useEffect(() => {
    unreadCount.set({ all: unread, mentions })
    return () => unreadCount.set(nothing)
  }, [unread, mentions])

  return {
    unread,
    firstUnread,
    onAct(event) {
      acted.current = event.timeStamp
    },
    leaveEnd,
    look,
    onScroll(event) {
      const element = scroller.current
      if (element === null) return
      const { scrollTop, scrollHeight } = element
      const isNear = isNearEnd(element)
      // Entries that are measured move the end and the view: a scroll while the height changes is not the person's.
      const hasSettled = scrollHeight === height.current && event.timeStamp - ended.current > ACT_MS
      const isByPerson = hasSettled || event.timeStamp - acted.current < ACT_MS
      if (isNear || (isByPerson && scrollTop < top.current)) atEnd.current = isNear
      top.current = scrollTop
      height.current = scrollHeight
      if (!atEnd.current || !visible) return
      setSeen(last)
      onRead()
    },
    toEnd() {
      atEnd.current = true
      ended.current = performance.now()
      scroller.current?.scrollTo({ top: scroller.current.scrollHeight })
      setSeen(last)
      onRead()
    },
  }
}

function isNearEnd({ scrollTop, scrollHeight, clientHeight }: HTMLElement): boolean {
  return scrollHeight - scrollTop - clientHeight < END_SLACK_PX
}

/** Index of the first entry after one that may be gone by now: files go when they cannot be had any more. */
function placeAfter(entries: readonly LogEntry[], seen: Pick<LogEntry, 'key' | 'at'> | undefined): number {
  const place = entries.findLastIndex(({ key }) => key === seen?.key)
  return (place >= 0 || seen === undefined ? place : entries.findLastIndex(({ at }) => at <= seen.at)) + 1
}

function isNews(entry: LogEntry): boolean {
  if (entry.kind === 'file') return entry.from !== undefined
  return entry.kind === 'message' && entry.from !== undefined && entry.earlier === undefined
}
