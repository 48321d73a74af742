'use client'
import type { Device, DeviceKind } from '@patchbay/core/mesh'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { useDeviceChoices } from '@/lib/use-device-choices'
import { SelectField } from '../ui/field'

/** A choice among devices of one kind, or why there is none. */
export function DeviceChoice(props: {
  readonly kind: DeviceKind
  readonly devices: readonly Device[]
  readonly value: string
  readonly onChoose: (id: string) => void
  readonly empty: string
}): ReactNode {
  const { kind, devices, value, onChoose, empty } = props
  const t = useTranslations('Media')
  const choices = useDeviceChoices(devices)
  return (
    <SelectField
      label={t(kind)}
      value={choices.some((choice) => choice.value === value) ? value : (choices[0]?.value ?? '')}
      choices={choices.length === 0 ? [{ value: '', label: empty }] : choices}
      onChoose={onChoose}
    />
  )
}
