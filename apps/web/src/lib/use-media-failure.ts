import type { MediaFailure } from '@patchbay/core/mesh'
import { useTranslations } from 'next-intl'
import { useCallback } from 'react'
import { browserKind, systemKind } from './browser'

const suffix = { microphone: 'Microphone', camera: 'Camera', screen: 'Screen' } as const

/** A failure in words. */
export interface FailureWords {
  readonly title: string
  /** What to do about it. */
  readonly text: string
}

/** A function that says why a source is not there, and what to do in this browser. */
export function useMediaFailure(): (source: keyof typeof suffix, reason: MediaFailure) => FailureWords {
  const t = useTranslations('Media')
  return useCallback(
    (source, reason) => {
      const title = t(`${reason}${suffix[source]}`)
      const agent = navigator.userAgent
      // Browsers report the same error when the person cancels.
      if (source === 'screen' && reason === 'denied') return { title, text: t('deniedScreenText') }
      if (reason === 'denied') return { title, text: t(`deniedText.${browserKind(agent)}`) }
      if (reason === 'system') return { title, text: t(`systemText.${systemKind(agent)}`) }
      return { title, text: t(`${reason}Text`) }
    },
    [t],
  )
}
