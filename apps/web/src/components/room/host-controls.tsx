'use client'
import type { PeerInfo } from '@patchbay/protocol'
import { useModeration } from '@patchbay/react'
import { Lock, LockOpen, UserX } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { Button } from '../ui/button'

/** Lets a host lock the room; tells everyone else that it is. */
export function LockField(): ReactNode {
  const t = useTranslations('Host')
  const { state, moderation } = useModeration()
  if (!state.isHost) return state.isLocked && <p className="text-sm text-soft">{t('locked')}</p>
  const Icon = state.isLocked ? Lock : LockOpen
  return (
    <div className="grid gap-1.5">
      <Button
        className="justify-self-start"
        aria-pressed={state.isLocked}
        onClick={() => moderation?.lock(!state.isLocked)}
      >
        <Icon className="size-4" aria-hidden />
        {t('lock')}
      </Button>
      <p className="text-sm leading-relaxed text-pretty text-soft">{t('lockText')}</p>
    </div>
  )
}

/** Lets a host remove a member who is not a host, after a confirmation. */
export function RemoveButton({ info }: { readonly info: PeerInfo }): ReactNode {
  const t = useTranslations('Host')
  const { state, moderation } = useModeration()
  const [isAsked, setIsAsked] = useState(false)
  if (!state.isHost || info.host === true) return null
  return (
    <Button
      look={isAsked ? 'off' : 'plain'}
      className="h-auto min-h-10 max-w-full justify-self-start py-1.5 wrap-anywhere whitespace-normal"
      aria-label={isAsked ? undefined : `${t('remove')}: ${info.name}`}
      // Neither a double click nor a held key answers the question that its beginning has asked.
      onClick={({ detail }) => {
        if (!isAsked) setIsAsked(true)
        else if (detail <= 1) moderation?.remove(info.id)
      }}
      onKeyDown={(event) => event.repeat && event.preventDefault()}
      onBlur={() => setIsAsked(false)}
    >
      <UserX className="size-4" aria-hidden />
      {isAsked ? t('removeSure', { name: info.name }) : t('remove')}
    </Button>
  )
}
