'use client'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { chooseBackground } from '@/lib/background/background'
import type { CoverFailure } from '@/lib/background/messages'
import { Button } from '../ui/button'
import { BACKGROUND_ID } from './background-field'

/** Says why the camera that is tried is not shown, with a way out. */
export function CoverFailed({ why }: { readonly why: CoverFailure }): ReactNode {
  const t = useTranslations('Background')
  const showAnyway = () => {
    chooseBackground('none')
    // This button goes; the choice has a radio button.
    document.querySelector<HTMLElement>(`#${BACKGROUND_ID} [value=none]`)?.focus()
  }
  return (
    <div role="alert" className="grid justify-items-start gap-2 text-sm text-bad">
      <p>{t(why === 'slow' ? 'tooSlow' : 'noCode')}</p>
      <Button onClick={showAnyway}>{t('showAnyway')}</Button>
    </div>
  )
}
