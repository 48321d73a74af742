'use client'
import { useRoom, useSignaling } from '@patchbay/react'
import { LoaderCircle } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { useCallGoesOn } from '@/lib/use-call-goes-on'
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
  const callGoesOn = useCallGoesOn(signaling.status === 'reconnecting', connected)
  const [wasTold, setWasTold] = useState(false)
  let text: string | undefined
  if (signaling.status === 'connecting') text = t('connecting')
  if (signaling.status === 'reconnecting' && (!isRestarting || restartLasts)) {
    if (isRestarting) text = t('restarting')
    else if (!isJoined) text = t('notReached')
    else text = callGoesOn ? t('callGoesOn') : t('reconnectingSince')
    const { failure } = signaling.error ?? {}
    if (failure === 'refused') text = `${text} ${t('lineRefused')}`
    if (failure === 'unusable') text = `${text} ${t('lineUnusable')}`
  }
  const isTold = text !== undefined
  if (signaling.status === 'reconnecting' && wasTold !== isTold) setWasTold(isTold)
  return (
    <Banner
      testId="status"
      tone="waiting"
      icon={LoaderCircle}
      ending={wasTold && signaling.status === 'online' ? t('backOnline') : undefined}
    >
      {text}
    </Banner>
  )
}
