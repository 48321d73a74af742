import { LifeBuoy, MessageCircle, Waypoints } from 'lucide-react'
import { headers } from 'next/headers'
import { getTranslations } from 'next-intl/server'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { LandingForm } from '@/components/landing-form'
import { PatchPanel } from '@/components/patch-panel'
import { RecentRooms } from '@/components/recent-rooms'
import { ShareTargetNotice } from '@/components/share-target-notice'
import { SiteHeader } from '@/components/site-header'
import { shownLine } from '@/lib/lines'
import { lineSettingsFor } from '@/lib/page-lines'
import { site } from '@/site'

export default async function LandingPage({ searchParams }: PageProps<'/'>): Promise<ReactNode> {
  const t = await getTranslations('Landing')
  const { left, shared } = await searchParams
  const names = Object.keys(lineSettingsFor(await headers())).flatMap((name) => shownLine(name) ?? [])
  const facts = [
    { icon: MessageCircle, title: t('factChat'), text: t('factChatText') },
    { icon: Waypoints, title: t('factMesh'), text: t('factMeshText') },
    { icon: LifeBuoy, title: t('factSurvive'), text: t('factSurviveText') },
  ]
  return (
    <div className="mx-auto flex min-h-dvh max-w-6xl flex-col px-5 sm:px-8">
      <SiteHeader />
      <main className="grid flex-1 content-center items-center gap-10 py-6 lg:grid-cols-[1fr_26rem] lg:gap-16">
        <div className="grid gap-8">
          <div className="grid gap-5">
            <h1 tabIndex={-1} className="text-5xl font-semibold tracking-tight text-balance sm:text-6xl">
              {t('headline')}
            </h1>
            <p className="max-w-[34rem] text-lg leading-relaxed text-pretty text-soft">{t('intro')}</p>
          </div>
          {names.length > 0 && (
            <PatchPanel
              className="hidden w-full max-w-[36rem] lg:block"
              label={t('artLabel', { lines: names.join(', ') })}
              names={names}
            />
          )}
        </div>
        <div className="grid min-w-0 grid-cols-1 gap-4">
          {shared !== undefined && <ShareTargetNotice hasFailed={shared === 'failed'} />}
          <LandingForm left={typeof left === 'string' ? left : undefined} />
          <RecentRooms isBack={left !== undefined} />
        </div>
      </main>
      <footer className="border-t border-line py-8">
        <ul className="grid gap-x-10 gap-y-4 sm:grid-cols-3">
          {facts.map(({ icon: Icon, title, text }) => (
            <li key={title} className="flex gap-3">
              <Icon className="mt-0.5 size-5 shrink-0 text-brass" aria-hidden />
              <p className="text-sm leading-relaxed text-soft">
                <strong className="block font-semibold text-ink">{title}</strong>
                {text}
              </p>
            </li>
          ))}
          {site.features.check && (
            <li className="text-sm sm:col-span-3">
              <Link href="/check" className="inline-block py-1 text-soft underline underline-offset-2 hover:text-ink">
                {t('check')}
              </Link>
            </li>
          )}
        </ul>
      </footer>
    </div>
  )
}
