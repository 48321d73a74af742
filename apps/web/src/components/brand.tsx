import type { ReactNode } from 'react'
import { site } from '@/site'

/** The logo: the site's own, or a socket, seen from the front. */
export function Mark({ className }: { readonly className?: string }): ReactNode {
  if (site.logo !== undefined) return <img src={site.logo} alt="" className={`object-contain ${className ?? ''}`} />
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden>
      <circle cx="16" cy="16" r="11" fill="none" stroke="currentColor" strokeWidth="4.5" />
      <circle cx="16" cy="16" r="4" fill="currentColor" />
    </svg>
  )
}

/** Logo and name. */
export function Brand(): ReactNode {
  return (
    <span className="flex items-center gap-2.5 text-lg font-semibold tracking-tight">
      <Mark className="size-7 text-brass" />
      {site.name}
    </span>
  )
}
