import type { Metadata, Viewport } from 'next'
import { headers } from 'next/headers'
import { NextIntlClientProvider } from 'next-intl'
import { getLocale, getTranslations } from 'next-intl/server'
import type { CSSProperties, ReactNode } from 'react'
import { Providers } from '@/components/providers'
import { catalogs } from '@/i18n/catalogs'
import { PAGE_ICON } from '@/lib/icon-files'
import { lineSettingsFor, serverFor } from '@/lib/page-lines'
import { LinesProvider } from '@/lib/use-lines'
import { site } from '@/site'
import './globals.css'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('App')
  return {
    title: { default: site.name, template: `%s · ${site.name}` },
    description: t('tagline'),
    icons: { icon: site.logo ?? PAGE_ICON, apple: '/icons/apple.png' },
    ...(site.features.install && { manifest: '/manifest.webmanifest' }),
  }
}

export const viewport: Viewport = { interactiveWidget: 'resizes-content', viewportFit: 'cover' }

const { light, dark } = site.colors
/** The brand's colors, which `globals.css` uses. */
const brand = {
  '--brand-light': light.brand,
  '--on-brand-light': light.onBrand,
  '--wash-light': light.wash,
  '--brand-dark': dark.brand,
  '--on-brand-dark': dark.onBrand,
  '--wash-dark': dark.wash,
} as CSSProperties

export default async function RootLayout({ children }: { readonly children: ReactNode }): Promise<ReactNode> {
  const locale = await getLocale()
  const { direction } = catalogs[locale]
  const asked = await headers()
  const nonce = asked.get('x-nonce') ?? undefined
  return (
    <html lang={locale} dir={direction} style={brand} suppressHydrationWarning>
      <body className="bg-ground font-sans text-ink antialiased">
        <NextIntlClientProvider>
          <Providers nonce={nonce} direction={direction}>
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
