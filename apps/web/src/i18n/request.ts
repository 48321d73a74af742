import { cookies, headers } from 'next/headers'
import { getRequestConfig } from 'next-intl/server'
import en from '../../messages/en.json'
import zhCN from '../../messages/zh-CN.json'
import { LOCALE_COOKIE, pickLocale } from './config'

const messages = { en, 'zh-CN': zhCN }

export default getRequestConfig(async () => {
  const locale = pickLocale((await cookies()).get(LOCALE_COOKIE)?.value, (await headers()).get('accept-language'))
  return { locale, messages: messages[locale] }
})
