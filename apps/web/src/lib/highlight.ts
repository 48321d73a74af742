import { parse } from 'sugar-high/core'
import { lang, languages } from 'sugar-high/lang'

/** A piece of code, and what it is. */
export interface CodeToken {
  readonly type: string
  readonly value: string
}

/** The pieces of a text of code. @param language as it follows the fence; code of an unknown one is read like JavaScript. */
export function tokensOf(code: string, language = ''): readonly CodeToken[] {
  const name = lang(language.toLowerCase())
  const config = languages.find(({ id }) => id === name)?.config
  return parse(code, config).lines.flatMap(({ tokens }, index) => [
    ...(index === 0 ? [] : [{ type: 'break', value: '\n' }]),
    ...tokens,
  ])
}
