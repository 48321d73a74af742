'use client'
import { Star, X } from 'lucide-react'
import Link from 'next/link'
import { useFormatter, useTranslations } from 'next-intl'
import { type ReactNode, useState, useSyncExternalStore } from 'react'
import { rememberTitle } from '@/lib/identity'
import { inviteHref, readFragment, rememberedFragment, rememberInvite } from '@/lib/invite'
import {
  forgetRecent,
  forgetRoom,
  hasFreeStar,
  MAX_STARRED,
  type RecentRoom,
  recentRooms,
  starRoom,
} from '@/lib/recent-rooms'
import { Button } from './ui/button'

const HEADING_ID = 'recent'
const FULL_ID = 'no-free-star'
const none: readonly RecentRoom[] = []

/** Keeps the focus near a button that has gone with a room: on the heading of the list, or of the page if the list goes too. */
function keepFocus(): void {
  const place = recentRooms.getSnapshot().length > 0 ? `#${HEADING_ID}` : 'h1'
  document.querySelector<HTMLElement>(place)?.focus()
}

/** Rooms that someone was in with this browser; nothing where there are none. */
export function RecentList(): ReactNode {
  const t = useTranslations('Recent')
  const rooms = useSyncExternalStore(recentRooms.subscribe, recentRooms.getSnapshot, () => none)
  const [now] = useState(() => Date.now())
  if (rooms.length === 0) return null
  const isFull = !hasFreeStar(rooms)
  return (
    <section
      aria-labelledby={HEADING_ID}
      className="grid grid-cols-1 gap-3 rounded-3xl border border-line bg-panel p-6 sm:p-7"
    >
      <h2 id={HEADING_ID} tabIndex={-1} className="font-semibold">
        {t('title')}
      </h2>
      <ul className="-mx-2 grid grid-cols-1 gap-1">
        {rooms.map((each) => (
          <Entry key={each.room} {...each} now={now} isFull={isFull} />
        ))}
      </ul>
      <p id={FULL_ID} role="status" className="text-xs leading-relaxed empty:hidden">
        {isFull && t('full', { max: MAX_STARRED })}
      </p>
      <p className="text-xs leading-relaxed text-soft">{t('kept')}</p>
      {rooms.some(({ fragment }) => fragment === undefined) && (
        <Button
          className="h-9 justify-self-start"
          onClick={() => {
            forgetRecent()
            keepFocus()
          }}
        >
          {t('forgetAll')}
        </Button>
      )}
    </section>
  )
}

/** @param props.isFull there is no free star. */
function Entry(props: RecentRoom & { readonly now: number; readonly isFull: boolean }): ReactNode {
  const { room, title, isSealed, at, fragment, now, isFull } = props
  const t = useTranslations()
  const format = useFormatter()
  const name = title ?? t('Room.untitled', { room })
  // This tab may still know the key of a room that has no star.
  const known = fragment ?? rememberedFragment(room)
  const canOpen = !isSealed || known !== ''
  const invite = readFragment(room, known)
  const isStarred = fragment !== undefined
  const label = (
    <>
      <span className="block truncate text-sm font-medium">
        <bdi>{name}</bdi>
      </span>
      <span className="block text-xs text-soft">
        {canOpen ? format.relativeTime(Math.min(at, now), now) : t('Recent.needsLink')}
      </span>
    </>
  )
  return (
    <li data-testid="recent" className="flex items-center gap-1">
      {canOpen ? (
        <Link
          href={inviteHref(invite)}
          prefetch={false}
          onClick={() => {
            rememberInvite(invite)
            // Whoever comes first to a room names it.
            if (title !== undefined) rememberTitle(room, title)
          }}
          className="min-w-0 flex-1 rounded-xl px-2 py-1.5 hover:bg-sunken"
        >
          {label}
        </Link>
      ) : (
        <div className="min-w-0 flex-1 px-2 py-1.5">{label}</div>
      )}
      {canOpen && (
        <Button
          look="ghost"
          size="icon"
          aria-label={t('Recent.star', { name })}
          aria-pressed={isStarred}
          aria-disabled={isFull && !isStarred}
          aria-describedby={isFull && !isStarred ? FULL_ID : undefined}
          onClick={() => starRoom(room, isStarred ? undefined : known)}
        >
          <Star className={`size-5 ${isStarred ? 'fill-brass text-brass' : 'text-soft'}`} aria-hidden />
        </Button>
      )}
      <Button
        look="ghost"
        size="icon"
        aria-label={t('Recent.forget', { name })}
        onClick={({ detail }) => {
          // The second press of a double click is on the next room, which has moved up.
          if (detail > 1) return
          forgetRoom(room)
          keepFocus()
        }}
      >
        <X className="size-5 text-soft" aria-hidden />
      </Button>
    </li>
  )
}
