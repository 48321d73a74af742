import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import type { ReactNode } from 'react'
import { Mark } from '@/components/brand'
import { buttonClass } from '@/components/ui/button'

export default async function NotFound(): Promise<ReactNode> {
  const t = await getTranslations('App')
  return (
    <main className="grid min-h-dvh place-content-center justify-items-center gap-4 p-6 text-center">
      <Mark className="size-12 text-brass" />
      <h1 className="text-2xl font-semibold tracking-tight">{t('notFoundTitle')}</h1>
      <p className="max-w-sm text-soft">{t('notFoundText')}</p>
      <Link href="/" className={buttonClass({ look: 'primary' })}>
        {t('backHome')}
      </Link>
    </main>
  )
}
