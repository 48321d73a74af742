'use client'
import type { PeerView } from '@patchbay/core/mesh'
import { ShieldAlert } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Banner } from '../ui/banner'

/** Warns about rejected signals, and explains what they may mean. */
export function SealBanner({ peers }: { readonly peers: readonly PeerView[] }): ReactNode {
  const t = useTranslations('Seal')
  const refused = peers.filter((peer) => peer.refused > 0)
  const apart = refused.some((peer) => peer.link.phase !== 'connected')
  return (
    <Banner testId="seal-alert" tone="bad" icon={ShieldAlert}>
      {refused.length === 0 ? undefined : t(apart ? 'refusedApart' : 'refusedTogether')}
    </Banner>
  )
}
