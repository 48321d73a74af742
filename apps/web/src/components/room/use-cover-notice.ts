import { useLocalMedia } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent } from 'react'
import { chooseBackground, useCover } from '@/lib/background/background'
import type { CoverFailure } from '@/lib/background/messages'
import { addToast, closeToast } from '@/lib/toasts'

/** Turns the camera off where its background cannot be covered, says so, and leaves the choice to the person. */
export function useCoverNotice(): void {
  const t = useTranslations('Background')
  const media = useLocalMedia()
  const isOn = media?.state.camera.status === 'on'
  const cover = useCover(isOn ? media.state.stream : undefined)
  const why = cover?.status === 'failed' ? cover.why : undefined
  const giveUp = useEffectEvent((reason: CoverFailure) => {
    void media?.devices.turnOff('camera')
    const notice = addToast({
      title: t('cameraOff'),
      description: t(reason === 'slow' ? 'tooSlow' : 'noCode'),
      type: 'error',
      // It stays until it is answered.
      timeout: 0,
      actionProps: {
        children: t('showAnyway'),
        onClick: () => {
          chooseBackground('none')
          void media?.devices.turnOn('camera')
          closeToast(notice)
        },
      },
    })
  })
  useEffect(() => {
    if (why !== undefined) giveUp(why)
  }, [why])
}
