'use client'
import { type PeerView, SEALED_NAME } from '@patchbay/core/mesh'
import { useIceServers, useSignaling } from '@patchbay/react'
import { Unplug } from 'lucide-react'
import Link from 'next/link'
import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { site } from '@/site'
import { Banner } from '../ui/banner'

/** Failed attempts before the banner appears. */
const STUCK_AFTER = 1

/** Whether several attempts have failed with a peer that signaling can reach. */
function isStuck({ link, refused, listed, info }: PeerView): boolean {
  return refused === 0 && listed && info.state === 'here' && link.phase === 'connecting' && link.attempt > STUCK_AFTER
}

/** Explains why someone cannot be reached, as far as a page can tell, and what to try. */
export function StuckBanner(props: {
  readonly peers: readonly PeerView[]
  /** Only relayed packets are allowed. */
  readonly relayOnly: boolean
}): ReactNode {
  const { peers, relayOnly } = props
  const t = useTranslations('Stuck')
  const format = useFormatter()
  const iceServers = useIceServers()
  const relayed = iceServers.some(({ urls }) => urls.some((url) => url.startsWith('turn')))
  const online = useSignaling().status === 'online'
  const stuck = online ? peers.filter(isStuck) : []
  const names = format.list(stuck.map(({ info }) => info.name))
  // A member with the key has no name on the server and does not connect to anyone without it.
  const sealed = stuck.some(({ info }) => info.name === SEALED_NAME)
  // Nobody can be reached here, whoever comes: say so before anybody waits.
  const hopeless = online && relayOnly && !relayed
  const why = hopeless
    ? t('hiddenNoRelay')
    : sealed
      ? t('needsKey')
      : relayed
        ? t('relay', { names })
        : relayOnly
          ? t('hidden', { names })
          : t('noRelay', { names })
  return (
    <Banner testId="stuck" tone="bad" icon={Unplug}>
      {stuck.length === 0 && !hopeless ? undefined : (
        <>
          {why}{' '}
          {site.features.check && (
            <Link href="/check" target="_blank" className="font-medium underline underline-offset-2">
              {t('check')}
            </Link>
          )}
        </>
      )}
    </Banner>
  )
}
