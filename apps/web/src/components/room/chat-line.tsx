'use client'
import type { ChatEntry } from '@patchbay/core/mesh'
import Linkify from 'linkify-react'
import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
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

/** One entry of the log. */
export function ChatLine(props: {
  readonly entry: ChatEntry
  readonly previous: ChatEntry | undefined
  readonly firstUnread: boolean
}): ReactNode {
  const { entry, previous, firstUnread } = props
  return (
    <>
      {firstUnread && <UnreadMark />}
      {entry.kind === 'message' ? <Message entry={entry} previous={previous} /> : <Notice entry={entry} />}
    </>
  )
}

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
}): ReactNode {
  const { entry, previous } = props
  const room = useTranslations('Room')
  const mine = entry.from === undefined
  const goesOn = previous?.kind === 'message' && previous.from === entry.from && entry.at - previous.at < BLOCK_MS
  return (
    <li className={`flex gap-3 ${goesOn ? 'pt-0.5' : 'pt-4'}`} data-testid="message">
      {goesOn ? <span className="w-9 shrink-0" /> : <Avatar name={entry.name} seed={entry.from ?? entry.name} />}
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
        <p dir="auto" className="leading-relaxed break-words whitespace-pre-wrap" data-testid="message-text">
          <Linkify options={linkOptions}>{entry.text}</Linkify>
        </p>
      </div>
    </li>
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
