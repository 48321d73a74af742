'use client'
import type { PeerView } from '@patchbay/core/mesh'
import { useRoom, useSignaling } from '@patchbay/react'
import { Ban, LoaderCircle } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { useCallGoesOn } from '@/lib/use-call-goes-on'
import { useLasting } from '@/lib/use-lasting'
import { isIn, isKeptOut } from '@/lib/visit'
import { Banner } from '../ui/banner'

/** Where there are several servers, people are with another one sooner than this when theirs is restarted. */
const RESTART_SHOWN_AFTER_MS = 3_000

/** Describes the state of the signaling line unless it is up, and says when the server lets its person in no longer. */
export function StatusBanner({ peers }: { readonly peers: readonly PeerView[] }): ReactNode {
  const t = useTranslations('Status')
  const signaling = useSignaling()
  const roster = useRoom()
  const isRestarting = signaling.status === 'reconnecting' && signaling.cause === 'restarting'
  const restartLasts = useLasting(isRestarting, RESTART_SHOWN_AFTER_MS)
  const callGoesOn = useCallGoesOn(
    signaling.status === 'reconnecting',
    peers.some(({ link }) => link.phase === 'connected'),
  )
  const [wasTold, setWasTold] = useState(false)
  let text: string | undefined
  if (signaling.status === 'connecting') text = t('connecting')
  if (signaling.status === 'reconnecting' && (!isRestarting || restartLasts)) {
    if (isRestarting) text = t('restarting')
    else if (!isIn(roster, peers.length)) text = t('notReached')
    else text = callGoesOn ? t('callGoesOn') : t('reconnectingSince')
    const { failure } = signaling.error ?? {}
    if (failure === 'refused') text = `${text} ${t('lineRefused')}`
    if (failure === 'unusable') text = `${text} ${t('lineUnusable')}`
  }
  const isTold = text !== undefined
  if (signaling.status === 'reconnecting' && wasTold !== isTold) setWasTold(isTold)
  return (
    <>
      <Banner
        testId="status"
        tone="waiting"
        icon={LoaderCircle}
        ending={wasTold && signaling.status === 'online' ? t('backOnline') : undefined}
      >
        {text}
      </Banner>
      {/* An alert is announced when it comes. */}
      {isKeptOut(roster, peers.length) && (
        <Banner testId="kept-out" tone="bad" icon={Ban}>
          {t('forbiddenInCall')}
        </Banner>
      )}
    </>
  )
}
