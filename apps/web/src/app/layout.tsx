import type { Metadata, Viewport } from 'next'
import { headers } from 'next/headers'
import { NextIntlClientProvider } from 'next-intl'
import { getLocale, getTranslations } from 'next-intl/server'
import type { ReactNode } from 'react'
import { Providers } from '@/components/providers'
import { lineSettingsFor, serverFor } from '@/lib/page-lines'
import { LinesProvider } from '@/lib/use-lines'
import './globals.css'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('App')
  return { title: { default: t('name'), template: `%s · ${t('name')}` }, description: t('tagline') }
}

export const viewport: Viewport = { interactiveWidget: 'resizes-content', viewportFit: 'cover' }

export default async function RootLayout({ children }: { readonly children: ReactNode }): Promise<ReactNode> {
  const locale = await getLocale()
  const asked = await headers()
  const nonce = asked.get('x-nonce') ?? undefined
  return (
    <html lang={locale} suppressHydrationWarning>
      <body className="bg-ground font-sans text-ink antialiased">
        <NextIntlClientProvider>
          <Providers nonce={nonce}>
            {/* A separate stacking context, so that popups are always above the page. */}
            <LinesProvider settings={lineSettingsFor(asked)} server={serverFor(asked)}>
              <div className="isolate">{children}</div>
            </LinesProvider>
          </Providers>
        </NextIntlClientProvider>
      </body>
    </html>
  )
}
