'use client'
import { useLocalMedia } from '@patchbay/react'
import { MicOff } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useState } from 'react'
import { listenTo } from '@/lib/voice'

/** Tells someone who speaks that nobody hears it. */
export function MutedNotice(): ReactNode {
  const t = useTranslations('Media')
  const { microphone, stream } = useLocalMedia()?.state ?? {}
  const isMuted = microphone?.status === 'on' && microphone.muted
  const [speaks, setSpeaks] = useState(false)
  useEffect(() => {
    const [track] = stream?.getAudioTracks() ?? []
    if (!isMuted || track === undefined) return undefined
    const stop = listenTo(track, setSpeaks)
    return () => {
      stop()
      setSpeaks(false)
    }
  }, [isMuted, stream])
  return (
    <div role="status" data-testid="muted" className="grid justify-items-center px-2">
      {speaks && (
        <p className="mt-1.5 flex items-center gap-2 rounded-full bg-ink px-4 py-1 text-sm text-ground">
          <MicOff className="size-4 shrink-0" aria-hidden />
          {t('speakingMuted')}
        </p>
      )}
    </div>
  )
}
