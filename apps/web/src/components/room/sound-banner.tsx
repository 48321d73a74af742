'use client'
import { useAudioPlayback } from '@patchbay/react'
import { Volume2 } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Button } from '../ui/button'

/** One button for all sound that the browser holds back; the first press of anything does as well. */
export function SoundBanner(): ReactNode {
  const t = useTranslations('Media')
  const { isBlocked, start } = useAudioPlayback()
  return (
    <div role="status" data-testid="sound">
      {isBlocked && (
        <p className="flex flex-wrap items-center justify-center gap-x-4 gap-y-2 bg-brass-wash px-4 py-2 text-sm">
          {t('soundBlocked')}
          <Button look="primary" onClick={start}>
            <Volume2 className="size-4" aria-hidden />
            {t('soundOn')}
          </Button>
        </p>
      )}
    </div>
  )
}
