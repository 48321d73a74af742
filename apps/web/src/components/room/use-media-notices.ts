import { Toast } from '@base-ui/react/toast'
import type { SourceState } from '@patchbay/core/mesh'
import { useLocalMedia } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { useEffect, useRef } from 'react'

const suffix = { microphone: 'Microphone', camera: 'Camera', screen: 'Screen' } as const

/** Shows a notice each time a camera, microphone or screen is not available, with the reason and what to try. */
export function useMediaNotices(): void {
  const media = useLocalMedia()
  useNotice('microphone', media?.state.microphone)
  useNotice('camera', media?.state.camera)
  useNotice('screen', media?.state.screen)
}

function useNotice(source: keyof typeof suffix, state: SourceState | undefined): void {
  const t = useTranslations('Media')
  const { add } = Toast.useToastManager()
  const told = useRef<SourceState>(undefined)
  useEffect(() => {
    if (state?.status !== 'failed' || told.current === state) return
    told.current = state
    const { reason } = state
    // Browsers report the same error when the person cancels.
    const mild = source === 'screen' && reason === 'denied'
    const description = mild ? t('deniedScreenText') : t(`${reason}Text`)
    add({
      title: t(`${reason}${suffix[source]}`),
      description,
      ...(!mild && { type: 'error', priority: 'high' }),
    })
  }, [source, state, t, add])
}
