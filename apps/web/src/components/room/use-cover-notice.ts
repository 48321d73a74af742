import { useLocalMedia } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useRef } from 'react'
import { chooseBackground, useBackground, useCover } from '@/lib/background/background'
import type { CoverFailure } from '@/lib/background/messages'
import { addToast, closeToast } from '@/lib/toasts'

/** Turns the camera off where its background cannot be covered, says so, and leaves the choice to the person. */
export function useCoverNotice(): void {
  const t = useTranslations('Background')
  const media = useLocalMedia()
  const isOn = media?.state.camera.status === 'on'
  const cover = useCover(isOn ? media.state.stream : undefined)
  const why = cover?.status === 'failed' ? cover.why : undefined
  const isSolved = useBackground() === 'none' || cover?.status === 'shown'
  const notice = useRef<string>(undefined)
  const close = () => {
    if (notice.current !== undefined) closeToast(notice.current)
    notice.current = undefined
  }
  const giveUp = useEffectEvent((reason: CoverFailure) => {
    void media?.devices.turnOff('camera')
    close()
    notice.current = addToast({
      title: t('cameraOff'),
      description: t(reason === 'slow' ? 'tooSlow' : 'noCode'),
      type: 'error',
      // It stays until it is answered, or its cause is gone.
      timeout: 0,
      actionProps: {
        children: t('showAnyway'),
        onClick: () => {
          chooseBackground('none')
          void media?.devices.turnOn('camera')
          close()
        },
      },
    })
  })
  useEffect(() => {
    if (why !== undefined) giveUp(why)
  }, [why])
  const solve = useEffectEvent(close)
  useEffect(() => {
    if (isSolved) solve()
  }, [isSolved])
}
