import { cookies, headers } from 'next/headers'
import { getRequestConfig } from 'next-intl/server'
import type en from '../../messages/en.json'
import { LOCALE_COOKIE, pickLocale } from './config'

export default getRequestConfig(async () => {
  const locale = pickLocale((await cookies()).get(LOCALE_COOKIE)?.value, (await headers()).get('accept-language'))
  // A page gets the messages of its own language only.
  const { default: messages } = (await import(`../../messages/${locale}.json`)) as { readonly default: typeof en }
  return { locale, messages }
})
