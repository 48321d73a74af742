'use client'
import { Volume2 } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useSyncExternalStore } from 'react'
import { retrySounds, soundBlocked } from '@/lib/sound'
import { Button } from '../ui/button'

/** One button for all sound that the browser holds back; the first press of anything does as well. */
export function SoundBanner(): ReactNode {
  const t = useTranslations('Media')
  const isBlocked = useSyncExternalStore(soundBlocked.subscribe, soundBlocked.getSnapshot, () => false)
  useEffect(() => {
    if (!isBlocked) return undefined
    const events = ['pointerup', 'keydown'] as const
    for (const event of events) window.addEventListener(event, retrySounds)
    return () => {
      for (const event of events) window.removeEventListener(event, retrySounds)
    }
  }, [isBlocked])
  return (
    <div role="status" data-testid="sound">
      {isBlocked && (
        <p className="flex flex-wrap items-center justify-center gap-x-4 gap-y-2 bg-brass-wash px-4 py-2 text-sm">
          {t('soundBlocked')}
          <Button look="primary" onClick={retrySounds}>
            <Volume2 className="size-4" aria-hidden />
            {t('soundOn')}
          </Button>
        </p>
      )}
    </div>
  )
}
