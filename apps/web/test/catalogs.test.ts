import {
  isDateElement,
  isNumberElement,
  isPluralElement,
  isSelectElement,
  isTagElement,
  isTimeElement,
  type MessageFormatElement,
  parse,
  TYPE,
} from '@formatjs/icu-messageformat-parser'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { catalogs } from '../src/i18n/catalogs'

/** Messages by key; some are grouped further. */
interface Catalog {
  readonly [key: string]: string | Catalog
}

const folder = new URL('../messages/', import.meta.url)
const readCatalog = (locale: string) => JSON.parse(readFileSync(new URL(`${locale}.json`, folder), 'utf8')) as Catalog
const messagesOf = (catalog: Catalog) => new Map(flatten(catalog))
function flatten(catalog: Catalog, path = ''): readonly (readonly [string, string])[] {
  return Object.entries(catalog).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as const] : flatten(value, `${path}${key}.`),
  )
}
const english = messagesOf(readCatalog('en'))

/** Every part of a message, those inside tags and plurals too. */
function partsOf(elements: readonly MessageFormatElement[]): readonly MessageFormatElement[] {
  return elements.flatMap((element) => {
    if (isTagElement(element)) return [element, ...partsOf(element.children)]
    if (isPluralElement(element) || isSelectElement(element))
      return [element, ...Object.values(element.options).flatMap(({ value }) => partsOf(value))]
    return [element]
  })
}

/** Names of the values and tags that a message takes. */
const argumentsOf = (text: string) => namesIn(partsOf(parse(text)))

/** Those that it shows: a number that only chooses a form need not matter in another language. */
const shownBy = (text: string) =>
  namesIn(partsOf(parse(text)).filter((part) => !isPluralElement(part) || showsNumber(part.options)))

function showsNumber(options: Readonly<Record<string, { readonly value: readonly MessageFormatElement[] }>>): boolean {
  return Object.values(options).some(({ value }) => partsOf(value).some(({ type }) => type === TYPE.pound))
}

function namesIn(parts: readonly MessageFormatElement[]): readonly string[] {
  const taken = parts.filter(({ type }) => type !== TYPE.literal && type !== TYPE.pound)
  return [...new Set(taken.map((part) => ('value' in part ? part.value : '')))]
}

/** The plural forms that a language has for whole numbers up to 200. */
function formsOf(locale: string): readonly string[] {
  const rules = new Intl.PluralRules(locale)
  return [...new Set(Array.from({ length: 201 }, (_, count) => rules.select(count)))].toSorted()
}

test('every language has a catalog, and every catalog a language', () => {
  const files = readdirSync(folder).map((name) => name.replace(/\.json$/, ''))
  expect(files.toSorted()).toEqual(Object.keys(catalogs).toSorted())
})

test('no language is written the wrong way', () => {
  for (const [locale, { direction }] of Object.entries(catalogs)) {
    const { language, script } = new Intl.Locale(locale).maximize()
    expect([language, direction]).toEqual([language, ['Arab', 'Hebr'].includes(script ?? '') ? 'rtl' : 'ltr'])
  }
})

describe.each(Object.keys(catalogs))('the catalog of %s', (locale) => {
  const messages = messagesOf(readCatalog(locale))

  test('has the keys of the English one, in the same order', () => {
    expect([...messages.keys()]).toEqual([...english.keys()])
  })

  test('leaves nothing empty', () => {
    expect([...messages].filter(([, text]) => text.trim() === '')).toEqual([])
  })

  test('takes the values of the English one, and shows those that it shows', () => {
    const differing = [...messages].flatMap(([key, text]) => {
      const original = english.get(key) ?? ''
      const foreign = argumentsOf(text).filter((name) => !argumentsOf(original).includes(name))
      const missing = shownBy(original).filter((name) => !argumentsOf(text).includes(name))
      return [...foreign, ...missing].map((name) => `${key}: ${name}`)
    })
    expect(differing).toEqual([])
  })

  test('names no style of a number or date: the compiled messages know only those written out, such as `::percent`', () => {
    const named = [...messages].flatMap(([key, text]) =>
      partsOf(parse(text)).flatMap((part) =>
        (isNumberElement(part) || isDateElement(part) || isTimeElement(part)) && typeof part.style === 'string'
          ? [`${key}: ${part.style}`]
          : [],
      ),
    )
    expect(named).toEqual([])
  })

  test('has every plural form of the language, and no other', () => {
    const wrong = [...messages].flatMap(([key, text]) =>
      partsOf(parse(text))
        .filter(isPluralElement)
        .map(({ options }) =>
          Object.keys(options)
            .filter((form) => !form.startsWith('='))
            .toSorted()
            .join(),
        )
        .filter((forms) => forms !== formsOf(locale).join())
        .map((forms) => `${key}: ${forms}`),
    )
    expect(wrong).toEqual([])
  })
})

/** What a language's typography forbids. */
const slips: Readonly<Record<string, RegExp>> = {
  en: /\p{L}'\p{L}/u,
  // Without a no-break space the mark may begin a line.
  fr: / [:;?!»%]|« |'/u,
  'zh-CN': /\p{Script=Han}[,.:;?!]/u,
  ja: /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}][,.:;?!]/u,
  ar: /\p{Script=Arabic}[,;?]/u,
}
test.each(Object.entries(slips))('the catalog of %s has the marks of its language', (locale, slip) => {
  const shown = [...messagesOf(readCatalog(locale))].map(
    ([key, text]) => [key, text.replaceAll(/\{[^{}]*\}/gu, '{}')] as const,
  )
  expect(shown.filter(([, text]) => slip.test(text))).toEqual([])
})
