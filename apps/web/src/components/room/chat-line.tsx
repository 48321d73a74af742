'use client'
import type { ConversationEntry, MessageEntry, Person } from '@patchbay/core/conversation'
import { Reply } from 'lucide-react'
import { useFormatter, useTranslations } from 'next-intl'
import { memo, type ReactNode } from 'react'
import { useHydrated } from '@/lib/use-hydrated'
import { Avatar } from './avatar'
import { Reactions, Receipt } from './message-footer'
import { type MessageActions, MessageMenu } from './message-menu'
import { MessageText } from './message-text'

/** Messages of one person within this time are shown as one block, in milliseconds. */
const BLOCK_MS = 3 * 60_000
/** What is shown of a message that is answered, in UTF-16 code units. */
const QUOTE_LENGTH = 160

/** What a line of the log needs besides its entry. */
interface LineProps {
  readonly previous: ConversationEntry | undefined
  /** The message that this one answers, if it is there. */
  readonly answered: MessageEntry | undefined
  /** Seed of this person's own color: their id. */
  readonly self: string
  readonly actions: MessageActions
  /** Whether to show whom it has reached: always where it is nobody. */
  readonly withReceipt: boolean
  /** Whoever comes later gets it. */
  readonly kept: boolean
  /** Whether a search has found it. */
  readonly isFound: boolean
}

/** One entry of the log. Drawn again only when it changes: the log may have thousands. */
export const ChatLine = memo(function ChatLine(
  props: LineProps & { readonly entry: ConversationEntry; readonly firstUnread: boolean },
): ReactNode {
  const { entry, firstUnread, ...rest } = props
  const t = useTranslations('Chat')
  const [earlier, before] = [tellerOf(entry), tellerOf(props.previous)]
  const teller = earlier?.id === before?.id ? undefined : earlier
  const hasEnded = earlier === undefined && before !== undefined
  return (
    <>
      {teller !== undefined && <Mark>{t('earlier', { name: teller.name })}</Mark>}
      {hasEnded && <Mark>{t('sinceYouCame')}</Mark>}
      {firstUnread && <UnreadMark />}
      {entry.kind === 'message' ? <Message entry={entry} {...rest} /> : <Notice entry={entry} />}
    </>
  )
})

/** Who has passed an entry on, if it is from before this page came. */
function tellerOf(entry: ConversationEntry | undefined): Person | undefined {
  return entry?.kind === 'message' ? entry.earlier : undefined
}

/** A line across the log. */
function Mark({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <div className="mt-3 flex items-center gap-3 text-xs text-soft">
      <span className="h-px flex-1 bg-line" />
      {children}
      <span className="h-px flex-1 bg-line" />
    </div>
  )
}

function UnreadMark(): ReactNode {
  const t = useTranslations('Chat')
  return (
    <div className="my-2 flex items-center gap-3 text-xs font-semibold text-brass" data-testid="unread-mark">
      <span className="h-px flex-1 bg-brass/40" />
      {t('newMark')}
      <span className="h-px flex-1 bg-brass/40" />
    </div>
  )
}

/** Isolates a name's text direction inside a sentence. */
const asBdi = (name: ReactNode) => <bdi>{name}</bdi>

function Notice({ entry }: { readonly entry: Exclude<ConversationEntry, { kind: 'message' }> }): ReactNode {
  const t = useTranslations('Chat')
  return (
    <div className="py-1.5 text-center text-xs text-soft" data-testid="notice">
      {t.rich(entry.kind, { name: entry.name, bdi: asBdi })} · <Time at={entry.at} />
    </div>
  )
}

function Message(props: LineProps & { readonly entry: MessageEntry }): ReactNode {
  const { entry, previous, answered, self, actions, withReceipt, kept, isFound } = props
  const room = useTranslations('Room')
  const chat = useTranslations('Chat')
  const mine = entry.from === undefined
  const goesOn =
    previous?.kind === 'message' &&
    previous.from === entry.from &&
    entry.at - previous.at < BLOCK_MS &&
    entry.replyTo === undefined
  return (
    <div
      className={`group flex gap-3 ${goesOn ? 'pt-0.5' : 'pt-4'} ${isFound ? 'rounded-lg bg-brass-wash' : ''}`}
      data-found={isFound || undefined}
      data-testid="message"
      data-key={entry.key}
    >
      {goesOn ? <span className="w-9 shrink-0" /> : <Avatar name={entry.name} seed={entry.from ?? self} />}
      <div className="min-w-0 flex-1">
        {!goesOn && (
          <p className="flex items-baseline gap-2 pb-0.5">
            <bdi className="truncate text-sm font-semibold">
              {mine ? room('youSuffix', { name: entry.name }) : entry.name}
            </bdi>
            <span className="text-xs text-soft">
              <Time at={entry.at} />
            </span>
          </p>
        )}
        {entry.replyTo !== undefined && <Quote to={entry.replyTo} answered={answered} actions={actions} />}
        {entry.text === undefined ? (
          <p className="text-sm text-soft italic">{chat('removed')}</p>
        ) : (
          <MessageText text={entry.text} edited={entry.edited} />
        )}
        <Reactions message={entry} self={self} actions={actions} />
        {mine && entry.text !== undefined && (withReceipt || entry.received.length === 0) && (
          <Receipt message={entry} kept={kept} />
        )}
      </div>
      {entry.text !== undefined && <MessageMenu message={entry} self={self} actions={actions} />}
    </div>
  )
}

/** The message that is answered, in one line; leads to it. */
function Quote(props: {
  readonly to: string
  readonly answered: MessageEntry | undefined
  readonly actions: MessageActions
}): ReactNode {
  const { to, answered, actions } = props
  const t = useTranslations('Chat')
  if (answered === undefined) return <p className="text-xs text-soft italic">{t('quoteGone')}</p>
  const text = answered.text?.slice(0, QUOTE_LENGTH) ?? t('removed')
  return (
    <button
      type="button"
      onClick={() => actions.show(to)}
      aria-label={t('inReplyTo', { name: answered.name, text })}
      className="flex min-h-6 max-w-full items-center gap-1.5 text-start text-xs text-soft hover:text-ink"
      data-testid="quote"
    >
      <Reply className="size-3.5 shrink-0 rtl:-scale-x-100" aria-hidden />
      <bdi className="max-w-[40%] shrink-0 truncate font-semibold">{answered.name}</bdi>
      <bdi className="min-w-0 truncate">{text}</bdi>
    </button>
  )
}

function Time({ at }: { readonly at: number }): ReactNode {
  const format = useFormatter()
  const hydrated = useHydrated()
  const date = new Date(at)
  return (
    <time dateTime={date.toISOString()}>
      {hydrated &&
        format.dateTime(date, {
          hour: 'numeric',
          minute: '2-digit',
          timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        })}
    </time>
  )
}
