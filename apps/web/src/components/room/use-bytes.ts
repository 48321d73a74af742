import { useFormatter, useTranslations } from 'next-intl'

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** Formats a number of bytes for people. */
export function useBytes(): (bytes: number) => string {
  const format = useFormatter()
  const t = useTranslations('Files')
  return (bytes) => {
    const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
    if (step === 0) return t('bytes', { count: bytes })
    const unit = units[step] ?? 'byte'
    const value = bytes / 1_000 ** step
    const maximumFractionDigits = value >= 100 ? 0 : 1
    return format.number(value, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits })
  }
}
