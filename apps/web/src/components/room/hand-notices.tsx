'use client'
import { useHands, usePeers } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'

/** Says who has a hand up, in order, to those who do not see it: for screen readers. */
export function HandNotices(): ReactNode {
  const t = useTranslations('Hand')
  const { raised } = useHands()
  const peers = usePeers()
  const names = raised.flatMap((id) => peers.find(({ info }) => info.id === id)?.info.name ?? [])
  return (
    <p role="status" data-testid="hands" className="sr-only">
      {names.length > 0 && t('up', { names: names.join(', '), count: names.length })}
    </p>
  )
}
