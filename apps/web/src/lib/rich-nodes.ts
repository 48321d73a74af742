import { type MarkdownToJSX, parser, RuleType } from 'markdown-to-jsx/react'

/** A part of a text in Markdown. */
export type RichNode = MarkdownToJSX.ASTNode

/** How deep lists and quotes may be nested. */
const MAX_DEPTH = 6

/** A line in which a list or quote is opened deeper than that: the parser takes seconds for some texts with such a line. */
const tooDeep = new RegExp(String.raw`^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])[ \t])){${MAX_DEPTH + 1}}`, 'm')

/** Most opening brackets: at each the parser looks for a link in the rest of the text. */
const MAX_BRACKETS = 64

/** What is rendered. A text with anything else (headings, pictures, tables, HTML) is shown as it was typed. */
const known: ReadonlySet<RichNode['type']> = new Set([
  RuleType.blockQuote,
  RuleType.breakLine,
  RuleType.codeBlock,
  RuleType.codeInline,
  RuleType.link,
  RuleType.orderedList,
  RuleType.paragraph,
  RuleType.text,
  RuleType.textFormatted,
  RuleType.unorderedList,
])

/** Elements of formatted text. */
export const formats: Readonly<Record<string, 'strong' | 'em' | 'del'>> = { strong: 'strong', em: 'em', del: 'del' }

/** Characters that stand for web addresses while a text is parsed: letters without a meaning, one for each address. */
const FIRST_STAND_IN = 0xe0_00
const standIns = /[\uE000-\uF8FF]/g

/** A web address: up to the next one, to white space, or to punctuation that is not ASCII. */
const address =
  /https?:\/\/(?:(?!https?:\/\/)[^\s`<>\u060C\u061B\u00AB\u00BB\u2014\u201C\u201D\u2026\u3000-\u303F\uFF00-\uFFEF])+/g
/** What may end a format: not between letters. */
const formatEnd = /([*_~]+)(?![\p{L}\p{N}*_~])/gu

/** Characters that Markdown takes away where it uses them. */
const markup = /[\s\d*_~`>+\-.()[\]]/g

/**
 * The parts of Markdown that people use in a chat. @returns `undefined` for a text that has other parts, of which a
 * character would be lost, or of which a part would be empty.
 */
export function parseRichText(text: string): readonly RichNode[] | undefined {
  if (text.search(standIns) >= 0 || tooDeep.test(text) || text.split('[').length > MAX_BRACKETS + 1) return undefined
  const addresses: string[] = []
  const plain = text.replace(address, (found: string, at: number) => {
    const length = lengthOfAddress(found, text.slice(0, at))
    addresses.push(found.slice(0, length))
    return String.fromCharCode(FIRST_STAND_IN + addresses.length - 1) + found.slice(length)
  })
  const nodes = parser(plain, { disableParsingRawHTML: true, disableAutoLink: true, forceBlock: true })
  if (!nodes.every((node) => isKnown(node, 0))) return undefined
  if (bare(nodes.map(contentOf).join('')) !== bare(plain)) return undefined
  return nodes.map((node) => withAddresses(node, addresses))
}

/** A text in one line, without the marks of its Markdown, and without addresses behind other words. */
export function plainText(text: string): string {
  return parseRichText(text)?.map(plainOf).join(' ') ?? text
}

function plainOf(node: RichNode): string {
  if (node.type === RuleType.breakLine) return ' '
  if ('text' in node && typeof node.text === 'string') return node.text
  const isOfLines = 'items' in node || node.type === RuleType.blockQuote
  return childrenOf(node)
    .map(plainOf)
    .join(isOfLines ? ' ' : '')
}

/** The length of the address at the start of a text: without a bracket, or the end of a format, that was opened before. */
function lengthOfAddress(text: string, before: string): number {
  const whole = text.slice(0, closingBracket(text))
  const isOpen = (marks: string) => before.includes(marks) || before.includes([...marks].toReversed().join(''))
  const end = [...whole.matchAll(formatEnd)].find(([marks]) => isOpen(marks))
  return end?.index ?? whole.length
}

/** Place of the first bracket that was opened before the text; `undefined` when there is none. */
function closingBracket(text: string): number | undefined {
  let depth = 0
  for (const { 0: bracket, index } of text.matchAll(/[()[\]]/g)) {
    depth += '(['.includes(bracket) ? 1 : -1
    if (depth < 0) return index
  }
  return undefined
}

const bare = (text: string) => text.replaceAll(markup, '')

/** What is left of a part's text, and the language of code. */
function contentOf(node: RichNode): string {
  switch (node.type) {
    case RuleType.text:
    case RuleType.codeInline:
      return node.text
    case RuleType.codeBlock:
      return `${node.lang ?? ''}${node.text}`
    case RuleType.link:
      return `${node.children.map(contentOf).join('')}${node.target ?? ''}`
    default:
      return childrenOf(node).map(contentOf).join('')
  }
}

function isKnown(node: RichNode, depth: number): boolean {
  if (!known.has(node.type) || depth > MAX_DEPTH || isEmpty(node)) return false
  if (node.type === RuleType.textFormatted && formats[node.tag] === undefined) return false
  return childrenOf(node).every((child) => isKnown(child, depth + 1))
}

/** Whether a part would show nothing, or is no part: `*` alone is a list with an item that has no text. */
function isEmpty(node: RichNode): boolean {
  if ('items' in node) return node.items.some((item) => item.map(contentOf).join('').trim() === '')
  if (node.type === RuleType.codeBlock) return node.text.trim() === ''
  // Code such as `handlers[type](event)` is not a link.
  if (node.type === RuleType.link) return !/^(?:[\uE000-\uF8FF]|https?:|mailto:)/.test(node.target ?? '')
  return node.type !== RuleType.breakLine && node.type !== RuleType.text && contentOf(node).trim() === ''
}

function childrenOf(node: RichNode): readonly RichNode[] {
  if ('items' in node) return node.items.flat()
  return 'children' in node && Array.isArray(node.children) ? node.children : []
}

/** Puts the addresses back in place of the characters that stood for them. */
function withAddresses<N extends RichNode>(node: N, addresses: readonly string[]): N {
  const back = (text: string) =>
    text.replaceAll(standIns, (character) => addresses[character.charCodeAt(0) - FIRST_STAND_IN] ?? character)
  const inside = (nodes: readonly RichNode[]) => nodes.map((child) => withAddresses(child, addresses))
  return {
    ...node,
    ...('text' in node && typeof node.text === 'string' && { text: back(node.text) }),
    ...('target' in node && node.target !== null && { target: back(node.target) }),
    ...('children' in node && Array.isArray(node.children) && { children: inside(node.children) }),
    ...('items' in node && { items: node.items.map(inside) }),
  }
}
