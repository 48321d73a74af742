'use client'
import type { ReactNode } from 'react'
import { createLazyCode } from '@/lib/lazy-code'

/** Only who comes from another app needs it. */
const code = createLazyCode(() => import('./share-target-bar'))

/** Says what another app has shared with the page, and that it needs a room. @param hasFailed it could not be kept. */
export function ShareTargetNotice({ hasFailed }: { readonly hasFailed: boolean }): ReactNode {
  const loaded = code.use(true)
  if (loaded === undefined) return null
  return hasFailed ? <loaded.ShareFailed /> : <loaded.ShareTargetBar />
}
