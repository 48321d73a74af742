'use client'
import type { MessageEntry } from '@patchbay/core/conversation'
import { useTranslations } from 'next-intl'
import {
  Fragment,
  type ReactNode,
  type Ref,
  type RefObject,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from 'react'
import {
  type CustomContainerComponentProps,
  type CustomItemComponentProps,
  Virtualizer,
  type VirtualizerHandle,
} from 'virtua'
import { spokenText } from '@/lib/cut-text'
import { laterCode } from '@/lib/later-code'
import { isMeant, type LogEntry, newEntries } from '@/lib/log-entries'
import { ChatLine } from './chat-line'
import type { MessageActions } from './message-menu'

/** Entries at the end that are always in the document. */
const KEPT_AT_END = 40

/** What can be done with the log from outside. */
export interface MessageLogHandle {
  /** Scrolls to an entry, if it is there. */
  show(key: string): void
}

/** The entries of the log, of which those in view are in the document. */
export function MessageLog(props: {
  readonly ref: Ref<MessageLogHandle>
  readonly scroller: RefObject<HTMLElement | null>
  readonly entries: readonly LogEntry[]
  /** Keys of what stays in the document wherever it is, because it plays. */
  readonly playing: readonly string[]
  readonly firstUnread: string | undefined
  readonly lastOwn: string | undefined
  /** What a search has found. */
  readonly found: string | undefined
  readonly self: string
  readonly kept: boolean
  readonly actions: MessageActions
}): ReactNode {
  const { ref, scroller, entries, playing, firstUnread, lastOwn, found, self, kept, actions } = props
  const t = useTranslations('Chat')
  const list = useRef<VirtualizerHandle>(null)
  const isShifted = useShift(entries)
  const byKey = useMemo(() => new Map(entries.map((entry) => [entry.key, entry])), [entries])
  const keptMounted = useMemo(() => {
    const first = Math.max(0, entries.length - KEPT_AT_END)
    const before = playing.length === 0 ? [] : entries.slice(0, first)
    const players = before.flatMap(({ key }, index) => (playing.includes(key) ? [index] : []))
    return [...players, ...Array.from({ length: entries.length - first }, (_, index) => first + index)]
  }, [entries, playing])
  useImperativeHandle(ref, () => ({
    show(key) {
      const index = entries.findIndex((entry) => entry.key === key)
      if (index >= 0) list.current?.scrollToIndex(index, { align: 'center' })
    },
  }))
  return (
    <>
      {/* Scrolling brings entries into the document that are not new: what is new is said below. */}
      <div role="log" aria-label={t('log')} aria-live="off">
        <Virtualizer
          ref={list}
          scrollRef={scroller}
          data={entries}
          keepMounted={keptMounted}
          shift={isShifted}
          as={List}
          item={Item}
        >
          {(entry, index) => (
            <ChatLine
              key={entry.key}
              entry={entry}
              previous={entries[index - 1]}
              answered={answeredBy(entry, byKey)}
              firstUnread={entry.key === firstUnread}
              withReceipt={entry.key === lastOwn}
              isFound={entry.key === found}
              self={self}
              kept={kept}
              actions={actions}
            />
          )}
        </Virtualizer>
      </div>
      <Announcements entries={entries} byKey={byKey} self={self} />
    </>
  )
}

/** Can be clicked while it scrolls, which it could not be as the library would have it. */
function List({ style, children, ref }: CustomContainerComponentProps): ReactNode {
  return (
    <ol ref={ref as Ref<HTMLOListElement>} style={{ ...style, pointerEvents: 'auto' }}>
      {children}
    </ol>
  )
}

function Item({ style, index, children, ref }: CustomItemComponentProps): ReactNode {
  return (
    <li ref={ref as Ref<HTMLLIElement>} style={style} aria-posinset={index + 1} aria-setsize={-1}>
      {children}
    </li>
  )
}

/** Announces each new entry of others to screen readers, also one that repeats the last text. */
function Announcements(props: {
  readonly entries: readonly LogEntry[]
  readonly byKey: ReadonlyMap<string, LogEntry>
  readonly self: string
}): ReactNode {
  const { entries, byKey, self } = props
  const t = useTranslations('Chat')
  const files = useTranslations('Files')
  const FileOutcomes = laterCode.useLoaded()?.FileOutcomes
  const last = entries.at(-1)?.key
  const [said, setSaid] = useState<{ last: string | undefined; texts: ReadonlyMap<string, string> }>({
    last,
    texts: new Map(),
  })
  const textOf = (entry: LogEntry) => {
    if (entry.kind === 'file') return files('offers', { name: entry.name, file: entry.fileName })
    if (entry.kind === 'message') return `${entry.name}: ${spokenText(entry.text ?? t('removed'))}`
    return t.markup(entry.kind, { name: entry.name, bdi: (name) => name })
  }
  if (said.last !== last) {
    const others = newEntries(entries, said.last).filter((entry) => !('from' in entry) || entry.from !== undefined)
    setSaid({ last, texts: new Map(others.map((entry) => [entry.key, textOf(entry)])) })
  }
  return (
    <div aria-live="polite" className="sr-only">
      {[...said.texts].map(([key, text]) => {
        const entry = byKey.get(key)
        if (entry === undefined || (entry.kind === 'message' && entry.text === undefined)) return null
        return (
          <Fragment key={key}>
            {/* As it was first said: an edit would have all of it said once more. */}
            <p>{text}</p>
            {/* Comes after the text, and is said by itself. */}
            {isMeant(entry, self) && <p>{t('forYou')}</p>}
          </Fragment>
        )
      })}
      {FileOutcomes !== undefined && <FileOutcomes />}
    </div>
  )
}

/** Whether entries were added or taken away at the beginning since the last time. */
function useShift(entries: readonly LogEntry[]): boolean {
  const first = entries[0]?.key
  const [seen, setSeen] = useState({ entries, first, isShifted: false })
  if (seen.entries !== entries) setSeen({ entries, first, isShifted: seen.first !== undefined && seen.first !== first })
  return seen.isShifted
}

function answeredBy(entry: LogEntry, byKey: ReadonlyMap<string, LogEntry>): MessageEntry | undefined {
  if (entry.kind !== 'message' || entry.replyTo === undefined) return undefined
  const answered = byKey.get(entry.replyTo)
  return answered?.kind === 'message' ? answered : undefined
}
