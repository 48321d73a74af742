'use client'
import { useSignaling } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'

/** The signaling line at a glance. The banner tells the whole story. */
export function LinePill(): ReactNode {
  const t = useTranslations('Status')
  const { status } = useSignaling()
  const online = status === 'online'
  const label = online ? t('online') : status === 'connecting' ? t('connecting') : t('reconnecting')
  return (
    <span
      className="flex items-center gap-2 rounded-full bg-sunken px-2.5 py-1 text-xs font-medium max-md:px-1.5"
      title={label}
    >
      <span
        aria-hidden
        className={`size-2.5 rounded-full ${online ? 'bg-good' : 'animate-pulse bg-brass motion-reduce:animate-none'}`}
      />
      <span className="max-md:sr-only">{label}</span>
    </span>
  )
}
