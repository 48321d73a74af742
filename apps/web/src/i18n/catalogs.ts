/** Languages with a catalog in `messages/`: how each calls itself, and which way it is written. */
export const catalogs = {
  en: { name: 'English', direction: 'ltr' },
  'zh-CN': { name: '简体中文', direction: 'ltr' },
  ja: { name: '日本語', direction: 'ltr' },
  de: { name: 'Deutsch', direction: 'ltr' },
  es: { name: 'Español', direction: 'ltr' },
  fr: { name: 'Français', direction: 'ltr' },
  'pt-BR': { name: 'Português (Brasil)', direction: 'ltr' },
  ar: { name: 'العربية', direction: 'rtl' },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly direction: 'ltr' | 'rtl' }>>

/** A language that the page can speak. */
export type AppLocale = keyof typeof catalogs
