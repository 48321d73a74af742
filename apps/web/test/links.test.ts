import Linkify from 'linkify-react'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { linkOptions, mayHoldLink } from '../src/lib/links'

const rendered = (word: string) => renderToStaticMarkup(createElement(Linkify, { options: linkOptions }, word))

test('only a whole web address becomes a link, which is written from left to right whatever is before it', () => {
  const link = rendered('(https://a.example/x)')
  expect(link).toMatch(/^\(<a [^>]*>https:\/\/a\.example\/x<\/a>\)$/)
  for (const part of [
    'href="https://a.example/x"',
    'dir="ltr"',
    'target="_blank"',
    'rel="noopener noreferrer nofollow"',
  ])
    expect(link).toContain(part)
  for (const word of ['javascript://a.example', 'ftp://a.example', 'a.example', 'a@a.example'])
    expect(rendered(word)).toBe(word)
})

test('no link is made of a word whose letters are reordered, or that is very long', () => {
  expect(mayHoldLink('https://a.example/x')).toBe(true)
  expect(mayHoldLink(`https://a.example/${'x'.repeat(500)}`)).toBe(false)
  for (const control of ['\u061C', '\u200E', '\u200F', '\u202A', '\u202E', '\u2066', '\u2069']) {
    expect(mayHoldLink(`${control}https://a.example/?/elpmaxe.b//:sptth`)).toBe(false)
    expect(mayHoldLink(`https://a.example/${control}gpj.exe`)).toBe(false)
  }
})
