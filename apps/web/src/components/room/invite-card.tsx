'use client'
import { Copy, Share2 } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { Invite } from '@/lib/invite'
import { useInviteLink } from '@/lib/use-invite-link'
import { site } from '@/site'
import { Button } from '../ui/button'
import { QrCode } from './qr-code'

/** For whoever is alone in a room: its link, to be read, copied, shared or scanned. */
export function InviteCard({ invite }: { readonly invite: Invite }): ReactNode {
  const t = useTranslations('Room')
  const { href, copy, share } = useInviteLink(invite)
  return (
    <div className="mt-2 grid w-full max-w-sm justify-items-center gap-3">
      {site.features.inviteCode && <QrCode text={href} label={t('inviteCode')} />}
      <p data-testid="invite" dir="ltr" className="text-xs wrap-anywhere text-soft select-all">
        {href}
      </p>
      <div className="flex flex-wrap justify-center gap-2">
        <Button onClick={() => void copy()}>
          <Copy className="size-4" aria-hidden />
          {t('copyLink')}
        </Button>
        {share !== undefined && (
          <Button onClick={() => void share()}>
            <Share2 className="size-4" aria-hidden />
            {t('shareLink')}
          </Button>
        )}
      </div>
    </div>
  )
}
