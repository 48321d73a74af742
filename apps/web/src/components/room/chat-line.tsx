'use client'
import type { ChatEntry } from '@patchbay/core/mesh'
import Linkify from 'linkify-react'
import { useFormatter, useTranslations } from 'next-intl'
import { memo, type ReactNode, useState } from 'react'
import { useHydrated } from '@/lib/use-hydrated'
import { Avatar } from './avatar'

/** Messages of one person within this time are shown as one block, in milliseconds. */
const BLOCK_MS = 3 * 60_000

/** Only complete web addresses become links: no schemes that run code, no guesses. */
const linkOptions = {
  defaultProtocol: 'https',
  validate: { url: (text: string) => /^https?:\/\//.test(text), email: false },
  target: '_blank',
  rel: 'noopener noreferrer nofollow',
  className: 'underline decoration-brass underline-offset-2 wrap-anywhere',
}

/** A message longer than this is cut until the person asks for all of it: anybody may send 8,000 line breaks. */
const SHOWN_LENGTH = 1_200
const SHOWN_LINES = 14
/** Longest text, and longest word of it, in which addresses are looked for. */
const LINKED_LENGTH = 4_000
const LINKED_WORD_LENGTH = 500

/** One entry of the log. Drawn again only when it changes: the log may have a thousand. */
export const ChatLine = memo(function ChatLine(props: {
  readonly entry: ChatEntry
  readonly previous: ChatEntry | undefined
  readonly firstUnread: boolean
  /** Seed of this person's own color. */
  readonly self: string
}): ReactNode {
  const { entry, previous, firstUnread, self } = props
  return (
    <>
      {firstUnread && <UnreadMark />}
      {entry.kind === 'message' ? <Message entry={entry} previous={previous} self={self} /> : <Notice entry={entry} />}
    </>
  )
})

function UnreadMark(): ReactNode {
  const t = useTranslations('Chat')
  return (
    <li className="my-2 flex items-center gap-3 text-xs font-semibold text-brass" data-testid="unread-mark">
      <span className="h-px flex-1 bg-brass/40" />
      {t('newMark')}
      <span className="h-px flex-1 bg-brass/40" />
    </li>
  )
}

/** Isolates a name's text direction inside a sentence. */
const asBdi = (name: ReactNode) => <bdi>{name}</bdi>

function Notice({ entry }: { readonly entry: Exclude<ChatEntry, { kind: 'message' }> }): ReactNode {
  const t = useTranslations('Chat')
  return (
    <li className="py-1.5 text-center text-xs text-soft" data-testid="notice">
      {t.rich(entry.kind, { name: entry.name, bdi: asBdi })} · <Time at={entry.at} />
    </li>
  )
}

function Message(props: {
  readonly entry: Extract<ChatEntry, { kind: 'message' }>
  readonly previous: ChatEntry | undefined
  readonly self: string
}): ReactNode {
  const { entry, previous, self } = props
  const room = useTranslations('Room')
  const chat = useTranslations('Chat')
  const mine = entry.from === undefined
  const goesOn = previous?.kind === 'message' && previous.from === entry.from && entry.at - previous.at < BLOCK_MS
  return (
    <li className={`flex gap-3 ${goesOn ? 'pt-0.5' : 'pt-4'}`} data-testid="message">
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
        <MessageText text={entry.text} />
        {entry.alone === true && <p className="text-xs text-soft">{chat('alone')}</p>}
      </div>
    </li>
  )
}

/** Looks for addresses word by word, and only in words that hold one: the rest may be made to take long. */
function linkWords(text: string): ReactNode[] {
  return text.split(/(\s+)/).map((word, index) =>
    word.includes('://') && word.length <= LINKED_WORD_LENGTH ? (
      // oxlint-disable-next-line react/no-array-index-key
      <Linkify key={index} options={linkOptions}>
        {word}
      </Linkify>
    ) : (
      word
    ),
  )
}

function MessageText({ text }: { readonly text: string }): ReactNode {
  const t = useTranslations('Chat')
  const [whole, setWhole] = useState(false)
  const short = text.split('\n', SHOWN_LINES).join('\n').slice(0, SHOWN_LENGTH)
  const shown = whole ? text : short
  const linked = shown.length <= LINKED_LENGTH && shown.includes('://')
  return (
    <>
      {/* Hidden overflow: stacked combining marks would cover what others have said. */}
      <p
        dir="auto"
        className="overflow-hidden leading-relaxed wrap-anywhere whitespace-pre-wrap"
        data-testid="message-text"
      >
        {linked ? linkWords(shown) : shown}
        {shown.length < text.length && '…'}
      </p>
      {short.length < text.length && (
        <button
          type="button"
          aria-expanded={whole}
          onClick={() => setWhole(!whole)}
          className="text-sm font-medium text-brass underline underline-offset-2"
        >
          {t(whole ? 'less' : 'more')}
        </button>
      )}
    </>
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
