'use client'
import { useSignaling } from '@patchbay/react'
import { LoaderCircle } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Banner } from '../ui/banner'

/** Describes the state of the signaling line unless it is up. @param connected whether any peer is connected. */
export function StatusBanner({ connected }: { readonly connected: boolean }): ReactNode {
  const t = useTranslations('Status')
  const signaling = useSignaling()
  let text: string | undefined
  if (signaling.status === 'connecting') text = t('connecting')
  if (signaling.status === 'reconnecting') {
    if (signaling.cause === 'restarting') text = t('restarting')
    else text = connected ? t('callGoesOn') : t('reconnectingSince')
  }
  return (
    <Banner testId="status" tone="waiting" icon={LoaderCircle}>
      {text}
    </Banner>
  )
}
