'use client'
import type { PeerView } from '@patchbay/core/mesh'
import { useRoom } from '@patchbay/react'
import { Link2 } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { Invite } from '@/lib/invite'
import { useInviteLink } from '@/lib/use-invite-link'
import { useDocumentTitle } from '@/lib/use-document-title'
import { useNoteRoom } from '@/lib/use-note-room'
import { site } from '@/site'
import { Mark } from '../brand'
import { Preferences } from '../preferences'
import { Button } from '../ui/button'
import { COMPOSER_ID } from './composer'
import { LinePill } from './line-pill'
import { PeopleDialog } from './people-dialog'
import { SealBadge } from './seal-badge'
import { useRoomTitle } from './use-room-title'
import { useUnreadCount } from './use-unread'

/** Room title, people, and the invite link. */
export function RoomHeader(props: { readonly invite: Invite; readonly peers: readonly PeerView[] }): ReactNode {
  const { invite, peers } = props
  const roster = useRoom()
  const title = useRoomTitle(invite)
  useNoteRoom(invite, roster.status === 'joined' ? roster.title : undefined, roster.status === 'joined')
  const unread = useUnreadCount()
  const mentions = unread.mentions === 0 ? '' : `@${unread.mentions} `
  const count = unread.all === 0 ? '' : `(${mentions}${unread.all}) `
  useDocumentTitle(`${count}${title} · ${site.name}`)
  return (
    <header className="flex min-h-15 shrink-0 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-panel px-3 py-1.5 sm:gap-x-3 sm:px-5 short:min-h-0 short:py-0.5">
      <SkipButton />
      <Mark className="size-7 shrink-0 text-brass" />
      <div className="min-w-20 flex-1">
        <h1 className="truncate leading-tight font-semibold" title={title}>
          <bdi>{title}</bdi>
        </h1>
        <PeopleDialog peers={peers} sealed={invite.key !== undefined} />
      </div>
      {site.features.lineChoice && <LinePill />}
      <SealBadge invite={invite} />
      <InviteButton invite={invite} />
      {/* In the list of people where the header is narrow. */}
      <div className="flex max-sm:hidden">
        <Preferences />
      </div>
    </header>
  )
}

/** The first stop of the keyboard, seen only there. No link: the fragment of the address is the invite's. */
function SkipButton(): ReactNode {
  const t = useTranslations('Room')
  return (
    <Button
      look="primary"
      onClick={() => document.getElementById(COMPOSER_ID)?.focus()}
      className="not-focus-visible:sr-only focus-visible:absolute focus-visible:start-3 focus-visible:top-2.5 focus-visible:z-20"
    >
      {t('skip')}
    </Button>
  )
}

function InviteButton({ invite }: { readonly invite: Invite }): ReactNode {
  const t = useTranslations('Room')
  const { copy } = useInviteLink(invite)
  return (
    <Button
      data-hint={t('copyInvite')}
      onClick={() => void copy()}
      aria-label={t('copyInvite')}
      className="max-sm:size-10 max-sm:px-0"
    >
      <Link2 className="size-5 sm:size-4" aria-hidden />
      <span className="hidden sm:inline">{t('copyInvite')}</span>
    </Button>
  )
}
