'use client'
import { usePeers, useRecordings } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect } from 'react'
import { leaveFullScreen } from '@/lib/use-full-screen'

/** Who else is recording, in words; `undefined` while nobody is. */
export function useRecorders(): string | undefined {
  const t = useTranslations('Recording')
  const { raised } = useRecordings()
  const peers = usePeers()
  const names = raised.flatMap((id) => peers.find(({ info }) => info.id === id)?.info.name ?? [])
  return names.length > 0 ? t('others', { names: names.join(', '), count: names.length }) : undefined
}

/**
 * Says who is recording, for screen readers: there before anybody does, unlike the banner. Nobody is recorded without seeing
 * it: what fills the screen would hide the banner.
 */
export function RecordingNotices(): ReactNode {
  const recorders = useRecorders()
  useEffect(() => {
    if (recorders !== undefined) leaveFullScreen()
  }, [recorders])
  return (
    <p role="status" data-testid="recorders" className="sr-only">
      {recorders}
    </p>
  )
}
