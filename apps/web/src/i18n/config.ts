import { site } from '../../site.config'
import type { AppLocale } from './catalogs'

export const LOCALE_COOKIE = 'locale'

const isOffered = (value: unknown): value is AppLocale => (site.locales as readonly unknown[]).includes(value)

/** The person's choice, else the browser's first language that the site offers, else the first one offered. */
export function pickLocale(cookie: string | undefined, acceptLanguage: string | null): AppLocale {
  if (isOffered(cookie)) return cookie
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
      const quality = parameters.map((text) => text.trim()).find((text) => text.startsWith('q='))
      return { language: tag.split('-')[0], quality: quality === undefined ? 1 : Number(quality.slice(2)) }
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
  for (const { language } of wanted) {
    const match = site.locales.find((locale) => locale.split('-')[0] === language)
    if (match !== undefined) return match
  }
  return site.locales[0]
}
