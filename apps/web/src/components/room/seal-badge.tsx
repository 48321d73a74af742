'use client'
import { Popover } from '@base-ui/react/popover'
import { usePeers } from '@patchbay/react'
import { LockKeyhole, LockOpen, ShieldAlert } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { Invite } from '@/lib/invite'
import { Button } from '../ui/button'

/** Shows whether the server could eavesdrop, and what to do about it. */
export function SealBadge({ invite }: { readonly invite: Invite }): ReactNode {
  const t = useTranslations('Seal')
  const refused = usePeers().some((peer) => peer.refused > 0)
  const state = refused ? 'refused' : invite.key === undefined ? 'open' : 'sealed'
  const [title, text] = {
    sealed: [t('sealedTitle'), t('sealedText')],
    open: [t('openTitle'), t('openText')],
    refused: [t('refusedTitle'), t('refusedText')],
  }[state]
  const Icon = { sealed: LockKeyhole, open: LockOpen, refused: ShieldAlert }[state]
  const tone = { sealed: 'text-good', open: 'text-soft', refused: 'text-bad' }[state]
  return (
    <Popover.Root>
      <Popover.Trigger
        render={<Button look="ghost" size="icon" data-testid="seal" data-state={state} aria-label={title} />}
      >
        <Icon className={`size-5 ${tone}`} aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={8} align="end" className="z-30">
          <Popover.Popup className="grid w-80 max-w-[calc(100vw-1.5rem)] gap-2 rounded-xl border border-line bg-panel p-4 text-sm text-ink shadow-lg outline-none">
            <Popover.Title className="font-semibold">{title}</Popover.Title>
            <Popover.Description className="leading-relaxed text-pretty text-soft">{text}</Popover.Description>
            {invite.relayOnly && <p className="leading-relaxed text-pretty text-soft">{t('relayOnly')}</p>}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
