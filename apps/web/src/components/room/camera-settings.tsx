'use client'
import type { CameraSettings } from '@patchbay/core/mesh'
import { useLocalMedia } from '@patchbay/react'
import { Settings2 } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { Button } from '../ui/button'
import { DialogButton } from '../ui/dialog'
import { DockLabel, dockButton } from '../ui/dock-label'
import { SelectField } from '../ui/field'

const AUTO = 'auto'
const sizes = ['320x240', '640x360', '640x480', '1280x720', '1920x1080'] as const
const ratios = { '4:3': 4 / 3, '16:9': 16 / 9, '1:1': 1 } as const
const rates = ['5', '10', '15', '24', '30', '60'] as const

/** Preferred camera settings, and what the camera actually delivers. */
export function CameraSettingsButton(): ReactNode {
  const t = useTranslations('Settings')
  return (
    <DialogButton
      trigger={<Button size="dock" look="ghost" className={dockButton} aria-label={t('title')} />}
      label={<DockLabel icon={Settings2} label={t('button')} />}
      title={t('title')}
    >
      <CameraSettingsFields />
    </DialogButton>
  )
}

/** The fields of the camera settings, for any dialog. */
export function CameraSettingsFields(): ReactNode {
  const t = useTranslations('Settings')
  const media = useLocalMedia()
  const [delivered, setDelivered] = useState(() => media?.state.stream.getVideoTracks()[0]?.getSettings())
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
