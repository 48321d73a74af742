'use client'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { chooseBackground } from '@/lib/background/background'
import type { CoverFailure } from '@/lib/background/messages'
import { Button } from '../ui/button'

/** Says why the camera that is tried is not shown, with a way out. */
export function CoverFailed({ why }: { readonly why: CoverFailure }): ReactNode {
  const t = useTranslations('Background')
  return (
    <div role="alert" className="grid justify-items-start gap-2 text-sm text-bad">
      <p>{t(why === 'slow' ? 'tooSlow' : 'noCode')}</p>
      <Button onClick={() => chooseBackground('none')}>{t('showAnyway')}</Button>
    </div>
  )
}
