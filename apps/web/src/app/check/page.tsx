import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import type { ReactNode } from 'react'
import { CheckView } from '@/components/check/check-view'
import { SiteHeader } from '@/components/site-header'
import { site } from '@/site'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('Check')
  return { title: t('title') }
}

export default async function CheckPage(): Promise<ReactNode> {
  if (!site.features.check) notFound()
  const t = await getTranslations('Check')
  return (
    <div className="mx-auto flex min-h-dvh max-w-3xl flex-col px-5 pb-12 sm:px-8">
      <SiteHeader />
      <main className="grid gap-6 pt-4">
        <div className="grid gap-2">
          <h1 className="text-3xl font-semibold tracking-tight">{t('title')}</h1>
          <p className="leading-relaxed text-pretty text-soft">{t('intro')}</p>
        </div>
        <CheckView />
      </main>
    </div>
  )
}
