import {
  isPluralElement,
  isSelectElement,
  isTagElement,
  type MessageFormatElement,
  parse,
  TYPE,
} from '@formatjs/icu-messageformat-parser'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { catalogs } from '../src/i18n/catalogs'

type Catalog = Readonly<Record<string, Readonly<Record<string, string>>>>

const folder = new URL('../messages/', import.meta.url)
const readCatalog = (locale: string) => JSON.parse(readFileSync(new URL(`${locale}.json`, folder), 'utf8')) as Catalog
const messagesOf = (catalog: Catalog) =>
  new Map(
    Object.entries(catalog).flatMap(([group, messages]) =>
      Object.entries(messages).map(([key, text]) => [`${group}.${key}`, text] as const),
    ),
  )
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
function argumentsOf(text: string): readonly string[] {
  const taken = partsOf(parse(text)).filter(({ type }) => type !== TYPE.literal && type !== TYPE.pound)
  return [...new Set(taken.map((part) => ('value' in part ? part.value : '')))].toSorted()
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

  test('takes the same values', () => {
    const differing = [...messages].filter(
      ([key, text]) => argumentsOf(text).join() !== argumentsOf(english.get(key) ?? '').join(),
    )
    expect(differing).toEqual([])
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
