'use client'
import type { MessageEntry } from '@patchbay/core/conversation'
import { Reply } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { memo, type ReactNode } from 'react'
import { cutText } from '@/lib/cut-text'
import { laterCode } from '@/lib/later-code'
import { type FileEntry, isMeant, type LogEntry, newOrigin } from '@/lib/log-entries'
import { asBdi } from './as-bdi'
import { LineFrame, Time } from './line-frame'
import { Reactions, Receipt } from './message-footer'
import { type MessageActions, MessageMenu } from './message-menu'
import { MessageText, usePlainText } from './message-text'

/** What is shown of a message that is answered, in UTF-16 code units. */
const QUOTE_LENGTH = 160

/** What a line of the log needs besides its entry. */
interface LineProps {
  readonly previous: LogEntry | undefined
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
  props: LineProps & { readonly entry: LogEntry; readonly firstUnread: boolean },
): ReactNode {
  const { entry, firstUnread, ...rest } = props
  const t = useTranslations('Chat')
  const origin = newOrigin(entry, props.previous)
  return (
    <>
      {origin !== undefined && (
        <Mark>{origin.kind === 'passedOn' ? t('passedOn', { name: origin.by.name }) : t(origin.kind)}</Mark>
      )}
      {firstUnread && <UnreadMark />}
      <Line entry={entry} {...rest} />
    </>
  )
})

function Line({ entry, ...rest }: LineProps & { readonly entry: LogEntry }): ReactNode {
  switch (entry.kind) {
    case 'message':
      return <Message entry={entry} {...rest} />
    case 'file':
      return <FileMessage entry={entry} {...rest} />
    default:
      return <Notice entry={entry} />
  }
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

function Notice({ entry }: { readonly entry: Exclude<LogEntry, { kind: 'message' | 'file' }> }): ReactNode {
  const t = useTranslations('Chat')
  return (
    <div className="py-1.5 text-center text-xs text-soft" data-testid="notice">
      {t.rich(entry.kind, { name: entry.name, bdi: asBdi })} · <Time at={entry.at} />
    </div>
  )
}

function Message(props: LineProps & { readonly entry: MessageEntry }): ReactNode {
  const { entry, previous, answered, self, actions, withReceipt, kept, isFound } = props
  const t = useTranslations('Chat')
  const mine = entry.from === undefined
  const isForMe = isMeant(entry, self)
  const LinkCard = laterCode.useLoaded()?.LinkCard
  return (
    <LineFrame
      entry={entry}
      previous={previous}
      isApart={entry.replyTo !== undefined}
      isForMe={isForMe}
      self={self}
      isFound={isFound}
      testId="message"
      menu={entry.text !== undefined && <MessageMenu message={entry} self={self} actions={actions} />}
    >
      {entry.replyTo !== undefined && <Quote to={entry.replyTo} answered={answered} actions={actions} />}
      {entry.text === undefined ? (
        <p className="text-sm text-soft italic">{t('removed')}</p>
      ) : (
        <MessageText text={entry.text} edited={entry.edited} isFound={isFound} />
      )}
      {entry.link !== undefined && LinkCard !== undefined && <LinkCard link={entry.link} />}
      {isForMe && (
        <p className="flex items-center gap-1 text-xs font-medium text-brass">
          <span aria-hidden>@</span>
          {t('forYou')}
        </p>
      )}
      <Reactions message={entry} self={self} actions={actions} />
      {mine && entry.text !== undefined && (withReceipt || entry.received.length === 0) && (
        <Receipt message={entry} kept={kept} />
      )}
    </LineFrame>
  )
}

function FileMessage(props: LineProps & { readonly entry: FileEntry }): ReactNode {
  const { entry, previous, self, actions, isFound } = props
  const FileLine = laterCode.useLoaded()?.FileLine
  return (
    <LineFrame entry={entry} previous={previous} self={self} isFound={isFound} testId="file-message">
      {FileLine !== undefined && <FileLine entry={entry} actions={actions} />}
    </LineFrame>
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
  const plain = usePlainText(answered?.text ?? t('removed'))
  if (answered === undefined) return <p className="text-xs text-soft italic">{t('quoteGone')}</p>
  const text = cutText(plain, QUOTE_LENGTH)
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
