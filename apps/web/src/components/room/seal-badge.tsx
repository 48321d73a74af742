'use client'
import { usePeers } from '@patchbay/react'
import { LockKeyhole, LockOpen, ShieldAlert } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { Invite } from '@/lib/invite'
import { Button } from '../ui/button'
import { PopupButton } from '../ui/popup-button'

/** Shows whether the server could eavesdrop, and what to do about it. */
export function SealBadge({ invite }: { readonly invite: Invite }): ReactNode {
  const t = useTranslations('Seal')
  const refused = usePeers().some((peer) => peer.refused > 0)
  const state = refused ? 'refused' : invite.key === undefined ? 'open' : 'sealed'
  const { title, text } = {
    sealed: { title: t('sealedTitle'), text: t('sealedText') },
    open: { title: t('openTitle'), text: t('openText') },
    refused: { title: t('refusedTitle'), text: t('refusedText') },
  }[state]
  const Icon = { sealed: LockKeyhole, open: LockOpen, refused: ShieldAlert }[state]
  const tone = { sealed: 'text-good', open: 'text-soft', refused: 'text-bad' }[state]
  return (
    <PopupButton
      popup="NotePopup"
      given={{ title, text, more: invite.relayOnly ? t('relayOnly') : undefined }}
      trigger={<Button look="ghost" size="icon" data-testid="seal" data-state={state} aria-label={title} />}
      label={<Icon className={`size-5 ${tone}`} aria-hidden />}
    />
  )
}
