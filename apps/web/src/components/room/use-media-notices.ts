import { Toast } from '@base-ui/react/toast'
import type { MediaFailure, Source } from '@patchbay/core/mesh'
import { useLocalMedia } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { useEffect } from 'react'

const suffix = { microphone: 'Microphone', camera: 'Camera' } as const

/** Says why a camera or microphone could not be had, and what to try, each time it happens. */
export function useMediaNotices(): void {
  const t = useTranslations('Media')
  const { add } = Toast.useToastManager()
  const media = useLocalMedia()
  const microphone = media?.state.microphone
  const camera = media?.state.camera
  useEffect(() => {
    if (microphone?.status === 'failed') notify('microphone', microphone.reason)
  }, [microphone])
  useEffect(() => {
    if (camera?.status === 'failed') notify('camera', camera.reason)
  }, [camera])

  function notify(source: Source, reason: MediaFailure): void {
    add({ title: t(`${reason}${suffix[source]}`), description: t(`${reason}Text`), type: 'error', priority: 'high' })
  }
}
