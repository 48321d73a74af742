import type { Device, DeviceSource, SourceState } from '@patchbay/core/mesh'
import { type DeviceControl, useLocalMedia } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { useEffect, useRef } from 'react'
import { useMediaFailure } from '@/lib/use-media-failure'
import { addToast, closeToast } from '@/lib/toasts'
import { useChooseDevice } from './use-choose-device'

/**
 * Shows a notice each time a camera, microphone or screen is not available, with the reason and what to try, and when another
 * camera or microphone is plugged in while one is on.
 */
export function useMediaNotices(): void {
  const media = useLocalMedia()
  useFailure('microphone', media?.state.microphone)
  useFailure('camera', media?.state.camera)
  useFailure('screen', media?.state.screen)
  useArrival('microphone', media)
  useArrival('camera', media)
}

function useFailure(source: DeviceSource | 'screen', state: SourceState | undefined): void {
  const describe = useMediaFailure()
  const told = useRef<SourceState>(undefined)
  useEffect(() => {
    if (state?.status !== 'failed' || told.current === state) return
    told.current = state
    const { title, text } = describe(source, state.reason)
    const isMild = source === 'screen' && state.reason === 'denied'
    addToast({ title, description: text, ...(!isMild && { type: 'error', priority: 'high' }) })
  }, [source, state, describe])
}

/** Offers a device that is plugged in during a call. */
function useArrival(source: DeviceSource, media: DeviceControl | undefined): void {
  const t = useTranslations('Media')
  const choose = useChooseDevice()
  const known = useRef<readonly Device[]>([])
  const devices = media?.state.devices[source]
  const local = media?.devices
  const isInUse = media !== undefined && media.state[source].status !== 'off'
  useEffect(() => {
    const before = known.current
    if (devices === undefined) return
    known.current = devices
    // Names, and the ids with them, come with the permission.
    const isNamed = before.some(({ label }) => label !== '')
    const arrived = isNamed && isInUse ? devices.find(({ id }) => !before.some((old) => old.id === id)) : undefined
    if (arrived === undefined || local === undefined) return
    const toast = addToast({
      title: t(source === 'camera' ? 'cameraCame' : 'microphoneCame', { name: arrived.label }),
      actionProps: {
        children: t('useIt'),
        onClick: () => {
          void choose(local, source, arrived.id)
          closeToast(toast)
        },
      },
    })
  }, [source, devices, local, isInUse, t, choose])
}
