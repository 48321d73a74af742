import type { Device } from '@patchbay/core/mesh'
import { useTranslations } from 'next-intl'

/** Devices as choices of a menu; those without a name are numbered. */
export function useDeviceChoices(
  devices: readonly Device[],
): readonly { readonly value: string; readonly label: string }[] {
  const t = useTranslations('Media')
  return devices.map(({ id, label }, index) => ({
    value: id,
    label: label === '' ? t('unnamed', { number: index + 1 }) : label,
  }))
}
