import { parser, RuleType } from 'markdown-to-jsx/react'
import { expect, test, vi } from 'vitest'
import { parseRichText, plainText, type RichNode } from '../src/lib/rich-nodes'

vi.mock(import('markdown-to-jsx/react'), async (original) => {
  const library = await original()
  return { ...library, parser: vi.fn<typeof library.parser>(library.parser) }
})

/** What a page shows of the parts, formats and code in angle brackets; `undefined`: the text as it was typed. */
function shown(text: string): string | undefined {
  return parseRichText(text)?.map(show).join('\n')
}

function show(node: RichNode): string {
  const inside = 'children' in node && Array.isArray(node.children) ? node.children.map(show).join('') : ''
  switch (node.type) {
    case RuleType.text:
      return node.text
    case RuleType.breakLine:
      return '\n'
    case RuleType.codeInline:
    case RuleType.codeBlock:
      return `<code ${node.text}>`
    case RuleType.textFormatted:
      return `<${node.tag} ${inside}>`
    case RuleType.link:
      return `${inside} (${node.target})`
    case RuleType.orderedList:
    case RuleType.unorderedList:
      return node.items.map((item) => `<li ${item.map(show).join('')}>`).join('')
    default:
      return inside
  }
}

test.each([
  ['**bold**, *em* and `code`', '<strong bold>, <em em> and <code code>'],
  ['- one\n- two', '<li one><li two>'],
  ['> said', 'said'],
  ['```js\na & b\\*\n```', '<code a & b\\*>'],
  ['`&lt;` and `\\*`', '<code &lt;> and <code \\*>'],
  ['[here](https://a.example/x)', 'here (https://a.example/x)'],
  ['5 > 3 + 1 - *a*', '5 > 3 + 1 - <em a>'],
  ['```\n---------\n+++++++++\n```', '<code ---------\n+++++++++>'],
])('of %j the page shows %j', (text, expected) => {
  expect(shown(text)).toBe(expected)
})

test.each([
  ['https://github.com/x/y/blob/main/pkg/__init__.py', 'https://github.com/x/y/blob/main/pkg/__init__.py'],
  ['https://docs.example/x.html#object.__init__', 'https://docs.example/x.html#object.__init__'],
  ['https://a.example/_x_/*y*/~~z~~ *em*', 'https://a.example/_x_/*y*/~~z~~ <em em>'],
  ['https://a.example/a_ and https://a.example/_b', 'https://a.example/a_ and https://a.example/_b'],
  ['**https://a.example/x**', '<strong https://a.example/x>'],
  ['_see https://a.example/a_b_', '<em see https://a.example/a_b>'],
  ['(https://a.example/A_(b)_c) *em*', '(https://a.example/A_(b)_c) <em em>'],
  ['[a](https://a.example/A_(b)_c) *em*', 'a (https://a.example/A_(b)_c) <em em>'],
  ['[a](https://a.example/__x__)', 'a (https://a.example/__x__)'],
  ['请看**https://a.example/x**，谢谢', '请看<strong https://a.example/x>，谢谢'],
  ['https://a.example/x，**重要**', 'https://a.example/x，<strong 重要>'],
  ['「https://a.example/__x__」は*これ*', '「https://a.example/__x__」は<em これ>'],
  ['**https://a.example/x**,**https://b.example/y**', '<strong https://a.example/x>,<strong https://b.example/y>'],
  ['(https://a.example/x),(https://b.example/__y__)', '(https://a.example/x),(https://b.example/__y__)'],
  ['(https://a.example/🐻_) *em*', '(https://a.example/🐻_) <em em>'],
  ['`https://a.example/__x__`', '<code https://a.example/__x__>'],
  ['```\nhttps://a.example/__x__\n```', '<code https://a.example/__x__>'],
])('an address stays as it was typed: %j', (text, expected) => {
  expect(shown(text)).toBe(expected)
})

test.each([
  '*',
  '-  \n- a',
  '```',
  '~~~',
  '> ',
  '` `',
  'if (a==b && c==d) *p',
  '\\\\server\\share\\*.txt',
  '¯\\_(ツ)_/¯',
  '&lt;b&gt; *x*',
  '[a]: https://a.example',
  '[a](https://a.example "title") *x*',
  '[a](javascript:x) *x*',
  'array[i]() *x*',
  'handlers[type](event) *x*',
  'fns[0](x) *x*',
  '# heading *x*',
  '- [ ] to do',
  '\uE000 *x*',
])('a text that would lose something, or show an empty part, is shown as it was typed: %j', (text) => {
  expect(shown(text)).toBeUndefined()
})

test.each([
  ['hyphens', `${'- '.repeat(375)}${'a\n'.repeat(375)}`],
  ['numbers', `a\n  ${'1. '.repeat(250)}${'a\n'.repeat(375)}`],
  ['quotes and lists', `${'> - '.repeat(187)}${'**\n'.repeat(250)}`],
  ['brackets', `${'['.repeat(750)}${'**a**'.repeat(150)}`],
])('a text of %s that would keep the parser busy is not parsed, and is shown as it was typed', (_, text) => {
  vi.mocked(parser).mockClear()
  expect(shown(text)).toBeUndefined()
  expect(parser).not.toHaveBeenCalled()
})

test.each([
  ['**look** at `this`, *please*', 'look at this, please'],
  ['one\n\n- **two**\n- three\n\n> four', 'one two three four'],
  ['```js\na & b\n```', 'a & b'],
  ['[here](https://a.example/x) and https://b.example/_c_', 'here and https://b.example/_c_'],
  ['# no part of ours, **so** as typed', '# no part of ours, **so** as typed'],
])('of %j a quote shows %j', (text, expected) => {
  expect(plainText(text)).toBe(expected)
})
