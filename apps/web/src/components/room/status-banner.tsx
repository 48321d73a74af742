'use client'
import { useRoom, useSignaling } from '@patchbay/react'
import { LoaderCircle } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Banner } from '../ui/banner'

/** Describes the state of the signaling line unless it is up. @param connected whether any peer is connected. */
export function StatusBanner({ connected }: { readonly connected: boolean }): ReactNode {
  const t = useTranslations('Status')
  const signaling = useSignaling()
  const isJoined = useRoom().status === 'joined'
  let text: string | undefined
  if (signaling.status === 'connecting') text = t('connecting')
  if (signaling.status === 'reconnecting') {
    if (signaling.cause === 'restarting') text = t('restarting')
    else if (!isJoined) text = t('notReached')
    else text = connected ? t('callGoesOn') : t('reconnectingSince')
    const { failure } = signaling.error ?? {}
    if (failure === 'refused') text = `${text} ${t('lineRefused')}`
    if (failure === 'unusable') text = `${text} ${t('lineUnusable')}`
  }
  return (
    <Banner testId="status" tone="waiting" icon={LoaderCircle}>
      {text}
    </Banner>
  )
}
