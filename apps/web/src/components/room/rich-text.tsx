'use client'
import { RuleType } from 'markdown-to-jsx/react'
import type { ReactNode } from 'react'
import { formats, parseRichText, type RichNode } from '@/lib/rich-nodes'
import { CodeBlock } from './code-block'
import { LinkedText } from './linked-text'

export { plainText } from '@/lib/rich-nodes'

/**
 * The parts of Markdown that people use in a chat, as React elements: nothing of a message is ever used as HTML. @returns
 * `undefined` for a text that is shown as it was typed.
 */
export function renderRichText(text: string): ReactNode {
  const nodes = parseRichText(text)
  return nodes && <Nodes nodes={nodes} />
}

function Nodes({ nodes }: { readonly nodes: readonly RichNode[] }): ReactNode {
  // The nodes of a text change only with the text.
  // oxlint-disable-next-line react/no-array-index-key
  return nodes.map((node, index) => <One key={index} node={node} />)
}

function One({ node }: { readonly node: RichNode }): ReactNode {
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
      const Tag = formats[node.tag] ?? 'span'
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

function Items({ items }: { readonly items: readonly (readonly RichNode[])[] }): ReactNode {
  return items.map((nodes, index) => (
    // oxlint-disable-next-line react/no-array-index-key
    <li key={index}>
      <Nodes nodes={nodes} />
    </li>
  ))
}
