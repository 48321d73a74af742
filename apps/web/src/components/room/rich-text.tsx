'use client'
import { type MarkdownToJSX, parser, RuleType } from 'markdown-to-jsx/react'
import type { ReactNode } from 'react'
import { CodeBlock } from './code-block'
import { LinkedText } from './linked-text'

type Node = MarkdownToJSX.ASTNode

/** How deep lists and quotes may be nested. */
const MAX_DEPTH = 6

/** What is rendered. A text with anything else (headings, pictures, tables, HTML) is shown as it was typed. */
const known: ReadonlySet<Node['type']> = new Set([
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

/**
 * The parts of Markdown that people use in a chat, as React elements: nothing of a message is ever used as HTML. @returns
 * `undefined` for a text that has other parts.
 */
export function renderRichText(text: string): ReactNode {
  const nodes = parser(text, { disableParsingRawHTML: true, disableAutoLink: true, forceBlock: true })
  return nodes.every((node) => isKnown(node, 0)) ? <Nodes nodes={nodes} /> : undefined
}

function isKnown(node: Node, depth: number): boolean {
  return known.has(node.type) && depth <= MAX_DEPTH && childrenOf(node).every((child) => isKnown(child, depth + 1))
}

function childrenOf(node: Node): readonly Node[] {
  if ('items' in node) return node.items.flat()
  return 'children' in node && Array.isArray(node.children) ? node.children : []
}

function Nodes({ nodes }: { readonly nodes: readonly Node[] }): ReactNode {
  // The nodes of a text change only with the text.
  // oxlint-disable-next-line react/no-array-index-key
  return nodes.map((node, index) => <One key={index} node={node} />)
}

const tags = { strong: 'strong', em: 'em', del: 'del' } as const

function One({ node }: { readonly node: Node }): ReactNode {
  switch (node.type) {
    case RuleType.text:
      return <LinkedText text={node.text} />
    case RuleType.breakLine:
      return '\n'
    case RuleType.codeInline:
      return <code className="rounded bg-sunken px-1 py-0.5 font-mono text-[0.875em]">{node.text}</code>
    case RuleType.codeBlock:
      return <CodeBlock code={node.text} language={node.lang} />
    case RuleType.textFormatted: {
      const Tag = tags[node.tag as keyof typeof tags] ?? 'span'
      return (
        <Tag>
          <Nodes nodes={node.children} />
        </Tag>
      )
    }
    case RuleType.paragraph:
      return (
        <p className="whitespace-pre-wrap not-first:pt-2">
          <Nodes nodes={node.children} />
        </p>
      )
    case RuleType.blockQuote:
      return (
        <blockquote className="my-1 border-s-2 border-line ps-3 text-soft">
          <Nodes nodes={node.children} />
        </blockquote>
      )
    case RuleType.orderedList:
      return (
        <ol className="list-decimal ps-6" start={node.start}>
          <Items items={node.items} />
        </ol>
      )
    case RuleType.unorderedList:
      return (
        <ul className="list-disc ps-6">
          <Items items={node.items} />
        </ul>
      )
    case RuleType.link:
      return (
        <>
          <Nodes nodes={node.children} />
          {/* Where a link leads is said, not hidden behind other words. */}
          {node.target !== null && (
            <>
              {' ('}
              <LinkedText text={node.target} />)
            </>
          )}
        </>
      )
    default:
      return null
  }
}

function Items({ items }: { readonly items: readonly (readonly Node[])[] }): ReactNode {
  return items.map((nodes, index) => (
    // oxlint-disable-next-line react/no-array-index-key
    <li key={index}>
      <Nodes nodes={nodes} />
    </li>
  ))
}
