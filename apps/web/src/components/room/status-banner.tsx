'use client'
import { useRoom, useSignaling } from '@patchbay/react'
import { LoaderCircle } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { useLasting } from '@/lib/use-lasting'
import { Banner } from '../ui/banner'

/** Where there are several servers, people are with another one sooner than this when theirs is restarted. */
const RESTART_SHOWN_AFTER_MS = 3_000

/** Describes the state of the signaling line unless it is up. @param connected whether any peer is connected. */
export function StatusBanner({ connected }: { readonly connected: boolean }): ReactNode {
  const t = useTranslations('Status')
  const signaling = useSignaling()
  const isJoined = useRoom().status === 'joined'
  const isRestarting = signaling.status === 'reconnecting' && signaling.cause === 'restarting'
  const restartLasts = useLasting(isRestarting, RESTART_SHOWN_AFTER_MS)
  let text: string | undefined
  if (signaling.status === 'connecting') text = t('connecting')
  if (signaling.status === 'reconnecting' && (!isRestarting || restartLasts)) {
    if (isRestarting) text = t('restarting')
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
