'use client'
import { Languages, SunMoon } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { useTheme } from 'next-themes'
import { type ReactNode, useState, useTransition } from 'react'
import { type AppLocale, catalogs } from '@/i18n/catalogs'
import { LOCALE_COOKIE } from '@/i18n/config'
import { endsCall } from '@/lib/build'
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
  const [server, setServer] = useState<Server>()
  const choose = (locale: AppLocale) =>
    startTransition(async () => {
      const now = await askServer()
      startTransition(() => {
        setServer(now)
        if (now === 'away') return
        document.cookie = `${LOCALE_COOKIE}=${locale}; Path=/; Max-Age=31536000; SameSite=Lax`
        if (now === 'there') router.refresh()
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
      {server === 'away' && (
        <span role="alert" className="text-xs text-bad">
          {t('popupFailed')}
        </span>
      )}
      {server === 'other build' && (
        <span role="alert" className="text-xs">
          {t('languageLater')}
        </span>
      )}
    </>
  )
}

/** The page's server: a call would end where it is away or, in a room, has another build of the page. */
type Server = 'there' | 'other build' | 'away'

async function askServer(): Promise<Server> {
  try {
    const init = { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) } as const
    const { ok, headers } = await fetch(location.pathname, init)
    if (!ok) return 'away'
    return endsCall(location.pathname, headers) ? 'other build' : 'there'
  } catch {
    return 'away'
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
