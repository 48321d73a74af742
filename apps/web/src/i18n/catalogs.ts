/** Languages with a catalog in `messages/`: how each calls itself, and which way it is written. */
export const catalogs = {
  en: { name: 'English', direction: 'ltr' },
  'zh-CN': { name: '简体中文', direction: 'ltr' },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly direction: 'ltr' | 'rtl' }>>

/** A language that the page can speak. */
export type AppLocale = keyof typeof catalogs
