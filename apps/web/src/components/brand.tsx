import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'

/** The logo: a socket, seen from the front. */
export function Mark({ className }: { readonly className?: string }): ReactNode {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden>
      <circle cx="16" cy="16" r="11" fill="none" stroke="currentColor" strokeWidth="4.5" />
      <circle cx="16" cy="16" r="4" fill="currentColor" />
    </svg>
  )
}

/** Logo and name. */
export function Brand(): ReactNode {
  const t = useTranslations('App')
  return (
    <span className="flex items-center gap-2.5 text-lg font-semibold tracking-tight">
      <Mark className="size-7 text-brass" />
      {t('name')}
    </span>
  )
}
