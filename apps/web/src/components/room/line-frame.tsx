'use client'
import type { PeerId } from '@patchbay/protocol'
import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { LogEntry } from '@/lib/log-entries'
import { useHydrated } from '@/lib/use-hydrated'
import { Avatar } from './avatar'

/** What one person says within this time is shown as one block, in milliseconds. */
const BLOCK_MS = 3 * 60_000

/** Something that somebody says, as far as its frame goes. */
interface Framed {
  readonly key: string
  /** `undefined`: this person. */
  readonly from: PeerId | undefined
  readonly name: string
  readonly at: number
}

/** What somebody says, with who it is and when, unless that is the same as in the line before. */
export function LineFrame(props: {
  readonly entry: Framed
  readonly previous: LogEntry | undefined
  /** Begins a block of its own in any case. */
  readonly isApart?: boolean
  /** Seed of this person's own color: their id. */
  readonly self: string
  /** Whether this person is meant by it. */
  readonly isForMe?: boolean
  /** Whether a search has found it. */
  readonly isFound: boolean
  readonly testId: string
  readonly children: ReactNode
  /** At its end. */
  readonly menu?: ReactNode
}): ReactNode {
  const { entry, previous, isApart = false, isForMe = false, self, isFound, testId, children, menu } = props
  const t = useTranslations('Room')
  const goesOn =
    !isApart &&
    (previous?.kind === 'message' || previous?.kind === 'file') &&
    previous.from === entry.from &&
    entry.at - previous.at < BLOCK_MS
  const look = `${isFound ? 'rounded-lg bg-brass-wash' : ''} ${isForMe ? '-ms-2.75 border-s-3 border-brass ps-2' : ''}`
  return (
    <div
      className={`group flex gap-3 ${goesOn ? 'pt-0.5' : 'pt-4'} ${look}`}
      data-found={isFound || undefined}
      // Gets the focus when what has it in here goes.
      tabIndex={-1}
      data-testid={testId}
      data-key={entry.key}
    >
      {goesOn ? <span className="w-9 shrink-0" /> : <Avatar name={entry.name} seed={entry.from ?? self} />}
      <div className="min-w-0 flex-1">
        {!goesOn && (
          <p className="flex items-baseline gap-2 pb-0.5">
            <bdi className="truncate text-sm font-semibold">
              {entry.from === undefined ? t('youSuffix', { name: entry.name }) : entry.name}
            </bdi>
            <span className="text-xs text-soft">
              <Time at={entry.at} />
            </span>
          </p>
        )}
        {children}
      </div>
      {menu}
    </div>
  )
}

/** A time of day. @param at wall clock, milliseconds since 1970. */
export function Time({ at }: { readonly at: number }): ReactNode {
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
