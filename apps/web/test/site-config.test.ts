import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { site } from '../site.config'
import { pickLocale } from '../src/i18n/config'
import { checkSite, neighbors } from '../src/lib/site-config'

const src = new URL('../src/', import.meta.url)
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => readFileSync(new URL(path, src), 'utf8'))
  .join('\n')

/** `site-features.test.ts` tries what these do. */
const tried = ['lineChoice', 'recentRooms']

test.each(Object.keys(site.features).filter((name) => !tried.includes(name)))(
  'the page asks whether it has %s',
  (feature) => {
    expect(sources).toMatch(new RegExp(`\\bsite\\.features\\.${feature}\\b`))
  },
)

test('the page asks for no feature that the site cannot name', () => {
  const asked = [...sources.matchAll(/\bsite\.features\.(\w+)/g)].map(([, name]) => name)
  expect(asked.filter((name) => name === undefined || !(name in site.features))).toEqual([])
})

describe('a site', () => {
  const there = () => true
  const faultsOf =
    (change: object, hasFile = there) =>
    () =>
      checkSite({ ...site, ...change }, hasFile)

  test('is fine as it comes', () => {
    expect(faultsOf({}, () => false)).not.toThrow()
  })

  test('is refused with everything that is wrong with it', () => {
    const faults = faultsOf({ name: ' ', locales: ['en', 'tlh'], features: { ...site.features, search: 'no' } })
    expect(faults).toThrow(/^site\.config\.ts cannot be used:/)
    expect(faults).toThrow(/- name must not be empty/)
    expect(faults).toThrow(/- locales\.1 must be among en, /)
    expect(faults).toThrow(/- features\.search must be true or false/)
  })

  test('is refused when a feature is missing, or one that there is not is named', () => {
    const { search: _, ...others } = site.features
    expect(faultsOf({ features: others })).toThrow(/features\.search/)
    expect(faultsOf({ features: { ...site.features, teleport: true } })).toThrow(/features\.teleport/)
  })

  test('is refused when its logo is not there', () => {
    expect(faultsOf({ logo: '/logo.svg' }, () => false)).toThrow(/logo is not there: public\/logo\.svg/)
    expect(faultsOf({ logo: 'https://elsewhere.example/logo.svg' })).toThrow(/logo must be an SVG or PNG in public/)
    expect(faultsOf({ logo: '/logo.webp' }), 'icons cannot be drawn from it').toThrow(/logo must be an SVG or PNG/)
  })

  test('is refused when its colors cannot be told apart', () => {
    const pale = { ...site.colors, light: { ...site.colors.light, brand: '#ffd27a' } }
    expect(faultsOf({ colors: pale })).toThrow(
      /colors\.light: onBrand on brand has a contrast of 1\.4 : 1, and needs 4\.5/,
    )
    const dim = { ...site.colors, light: { ...site.colors.light, brand: '#c97714', onBrand: '#000000' } }
    expect(faultsOf({ colors: dim }), 'names and code are written in it').toThrow(
      /brand on the page \(#ece9e3\) has a contrast of 2\.\d : 1, and needs 4\.5/,
    )
  })
})

test('brand colors are compared with those of the page', () => {
  const css = readFileSync(new URL('app/globals.css', src), 'utf8')
  const [, light = '', dark = ''] = /:root \{(.*?)\}.*?\.dark \{(.*?)\}/s.exec(css) ?? []
  for (const [block, colors] of [
    [light, neighbors.light],
    [dark, neighbors.dark],
  ] as const)
    for (const [name, value] of Object.entries(colors)) expect(block).toContain(`--${name}: ${value};`)
})

describe('the language of a page', () => {
  test('is the one chosen, if the site offers it', () => {
    expect(pickLocale('zh-CN', 'en')).toBe('zh-CN')
    expect(pickLocale('tlh', 'en')).toBe('en')
  })

  test('is else the first of the browser that the site offers', () => {
    expect(pickLocale(undefined, 'tlh, zh;q=0.5, en;q=0.8')).toBe('en')
    expect(pickLocale(undefined, 'zh-TW')).toBe('zh-CN')
  })

  test('is else the first one offered', () => {
    expect(pickLocale(undefined, 'tlh')).toBe(site.locales[0])
    expect(pickLocale(undefined, null)).toBe(site.locales[0])
  })
})
