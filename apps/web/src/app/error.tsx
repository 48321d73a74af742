'use client'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { FullPage } from '@/components/full-page'
import { Button } from '@/components/ui/button'

/** What is shown in place of a page that failed while it was drawn. */
export default function PageFailed(): ReactNode {
  const t = useTranslations()
  return (
    <FullPage
      title={t('App.brokenTitle')}
      text={t('App.brokenText')}
      action={
        <Button look="primary" onClick={() => location.reload()}>
          {t('Status.reload')}
        </Button>
      }
    />
  )
}
