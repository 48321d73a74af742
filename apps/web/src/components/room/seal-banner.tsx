'use client'
import type { PeerView } from '@patchbay/core/mesh'
import { ShieldAlert } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'

/** Says that something came that was not sealed with the room's key, and what that may mean. */
export function SealBanner({ peers }: { readonly peers: readonly PeerView[] }): ReactNode {
  const t = useTranslations('Seal')
  const refused = peers.filter((peer) => peer.refused > 0)
  const apart = refused.some((peer) => peer.link.phase !== 'connected')
  return (
    <div role="alert" data-testid="seal-alert">
      {refused.length > 0 && (
        <p className="flex items-center justify-center gap-2.5 bg-bad-wash px-4 py-2 text-center text-sm text-pretty text-bad">
          <ShieldAlert className="size-4 shrink-0" aria-hidden />
          {t(apart ? 'refusedApart' : 'refusedTogether')}
        </p>
      )}
    </div>
  )
}
