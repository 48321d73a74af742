'use client'
import { Languages, SunMoon } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { useTheme } from 'next-themes'
import { type ReactNode, useState, useTransition } from 'react'
import { type AppLocale, catalogs } from '@/i18n/catalogs'
import { LOCALE_COOKIE } from '@/i18n/config'
import { useHydrated } from '@/lib/use-hydrated'
import { site } from '@/site'
import { Button } from './ui/button'
import { MenuButton } from './ui/menu'
import type { Choice } from './ui/popup-props'

const languages: readonly Choice<AppLocale>[] = site.locales.map((locale) => ({
  value: locale,
  label: catalogs[locale].name,
  lang: locale,
}))

/** A server that does not answer for so long is not there, in milliseconds. */
const ANSWER_MS = 10_000

/** Menus for language and appearance. */
export function Preferences(): ReactNode {
  return (
    <div className="flex items-center gap-1">
      {languages.length > 1 && <LanguageMenu />}
      <ThemeMenu />
    </div>
  )
}

function LanguageMenu(): ReactNode {
  const t = useTranslations('App')
  const router = useRouter()
  const [pending, startTransition] = useTransition()
  const [failed, setFailed] = useState(false)
  const choose = (locale: AppLocale) =>
    startTransition(async () => {
      const isThere = await answers()
      startTransition(() => {
        setFailed(!isThere)
        if (!isThere) return
        document.cookie = `${LOCALE_COOKIE}=${locale}; Path=/; Max-Age=31536000; SameSite=Lax`
        router.refresh()
      })
    })
  return (
    <>
      <MenuButton
        title={t('language')}
        trigger={<Button look="ghost" size="icon" aria-label={t('language')} aria-busy={pending} />}
        choices={languages}
        value={useLocale()}
        onChoose={choose}
      >
        <Languages className="size-5" aria-hidden />
      </MenuButton>
      {failed && (
        <span role="alert" className="text-xs text-bad">
          {t('popupFailed')}
        </span>
      )}
    </>
  )
}

/** Whether the page's server is there. Where it is not, the router would load the page anew, and end a call. */
async function answers(): Promise<boolean> {
  try {
    const init = { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) } as const
    return (await fetch(location.pathname, init)).ok
  } catch {
    return false
  }
}

function ThemeMenu(): ReactNode {
  const t = useTranslations('App')
  const { theme, setTheme } = useTheme()
  const hydrated = useHydrated()
  return (
    <MenuButton
      title={t('theme')}
      trigger={<Button look="ghost" size="icon" aria-label={t('theme')} />}
      choices={[
        { value: 'system', label: t('themeSystem') },
        { value: 'light', label: t('themeLight') },
        { value: 'dark', label: t('themeDark') },
      ]}
      value={hydrated ? theme : undefined}
      onChoose={setTheme}
    >
      <SunMoon className="size-5" aria-hidden />
    </MenuButton>
  )
}
