'use client'
import type { CameraSettings, LocalDevices } from '@patchbay/core/mesh'
import { useLocalDevices, useLocalMedia } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useState } from 'react'
import { createDevices } from '@/lib/devices'
import { SelectField } from '../ui/field'
import { DeviceFields, Preview } from './device-setup'

const AUTO = 'auto'
const sizes = ['320x240', '640x360', '640x480', '1280x720', '1920x1080'] as const
const ratios = { '4:3': 4 / 3, '16:9': 16 / 9, '1:1': 1 } as const
const rates = ['5', '10', '15', '24', '30', '60'] as const

/** Camera, microphone and speaker, and how the camera films. What is tried here nobody else sees or hears. */
export function SettingsFields(): ReactNode {
  const t = useTranslations('Setup')
  const sent = useLocalMedia()
  const [devices, setDevices] = useState<LocalDevices>()
  const tried = useLocalDevices(devices)
  useEffect(() => {
    const made = createDevices()
    setDevices(made)
    return () => made.dispose()
  }, [])
  const isSent = (['camera', 'microphone'] as const).every((source) => sent?.state[source].status === 'on')
  return (
    <div className="grid gap-5">
      <Preview media={tried} sent={sent} />
      {!isSent && <p className="text-sm text-soft">{t('privately')}</p>}
      <DeviceFields media={tried} sent={sent} />
      <CameraFields />
    </div>
  )
}

/** Preferred camera settings, and what the camera actually delivers. */
function CameraFields(): ReactNode {
  const t = useTranslations('Settings')
  const media = useLocalMedia()
  const [camera] = media?.state.stream.getVideoTracks() ?? []
  const [delivered, setDelivered] = useState<MediaTrackSettings>()
  useEffect(() => setDelivered(camera?.getSettings()), [camera])
  const [failed, setFailed] = useState(false)
  const wished: CameraSettings = media?.state.cameraSettings ?? {}
  const auto = { value: AUTO, label: t('auto') }
  const wish = async (change: CameraSettings) => {
    try {
      setDelivered(await media?.devices.setCamera(change))
      setFailed(false)
    } catch {
      setFailed(true)
    }
  }
  const size = sizes.find((name) => name === `${wished.width}x${wished.height}`) ?? AUTO
  const ratio = Object.entries(ratios).find(([, value]) => value === wished.aspectRatio)?.[0] ?? AUTO
  const { width, height, frameRate } = delivered ?? {}
  return (
    <div className="grid gap-4">
      <p className="text-sm leading-relaxed text-soft">{t('text')}</p>
      <SelectField
        label={t('size')}
        value={size}
        choices={[auto, ...sizes.map((value) => ({ value, label: value.replace('x', ' × ') }))]}
        onChoose={(value) => {
          const [wide, high] = value === AUTO ? [] : value.split('x').map(Number)
          void wish({ width: wide, height: high })
        }}
      />
      <SelectField
        label={t('ratio')}
        value={ratio}
        choices={[auto, ...Object.keys(ratios).map((value) => ({ value, label: value }))]}
        onChoose={(value) => void wish({ aspectRatio: ratios[value as keyof typeof ratios] })}
      />
      <SelectField
        label={t('rate')}
        value={wished.frameRate === undefined ? AUTO : String(wished.frameRate)}
        choices={[auto, ...rates.map((value) => ({ value, label: t('perSecond', { rate: value }) }))]}
        onChoose={(value) => void wish({ frameRate: value === AUTO ? undefined : Number(value) })}
      />
      <p role="status" data-testid="delivered" className={`text-sm ${failed ? 'text-bad' : 'text-soft'}`}>
        {failed
          ? t('failed')
          : width === undefined || height === undefined
            ? t('off')
            : t('delivers', { width, height, rate: Math.round(frameRate ?? 0) })}
      </p>
    </div>
  )
}
