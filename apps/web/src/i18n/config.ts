/** Supported languages; each has a catalog in `messages/`. */
const locales = ['en', 'zh-CN'] as const
export type AppLocale = (typeof locales)[number]
const defaultLocale: AppLocale = 'en'
export const LOCALE_COOKIE = 'locale'

function isLocale(value: unknown): value is AppLocale {
  return (locales as readonly unknown[]).includes(value)
}

/** The person's choice, else the browser's first supported language, else English. */
export function pickLocale(cookie: string | undefined, acceptLanguage: string | null): AppLocale {
  if (isLocale(cookie)) return cookie
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
    const match = locales.find((locale) => locale.split('-')[0] === language)
    if (match !== undefined) return match
  }
  return defaultLocale
}
