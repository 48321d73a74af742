'use client'
import { LoaderCircle } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { FullPage } from '../full-page'

/** Whoever came to a locked room, until a host has answered. */
export function WaitingPage(): ReactNode {
  const t = useTranslations('Host')
  return (
    <FullPage
      title={t('waitingTitle')}
      text={t('waitingText')}
      action={
        <LoaderCircle className="size-8 animate-spin self-center text-brass motion-reduce:animate-none" aria-hidden />
      }
    />
  )
}
