'use client'
import { type ReactNode, useMemo } from 'react'
import { createLazyCode } from '@/lib/lazy-code'

/** Code longer than this is shown in one color. */
const MAX_LENGTH = 4_000

const highlighter = createLazyCode(() => import('@/lib/highlight'))

/** Colors of the parts of code. */
const colors: Readonly<Record<string, string>> = {
  keyword: 'text-brass',
  string: 'text-good',
  comment: 'text-soft italic',
  class: 'text-[#1d6a9e] dark:text-[#7fc4f5]',
  entity: 'text-[#1d6a9e] dark:text-[#7fc4f5]',
}

const blockClass = 'my-1 max-w-full overflow-x-auto rounded-lg bg-sunken px-3 py-2 text-sm leading-relaxed'

/** Code of several lines. It scrolls by itself, so that it never widens the log. */
export function CodeBlock({
  code,
  language,
}: {
  readonly code: string
  readonly language: string | undefined
}): ReactNode {
  const loaded = highlighter.use(code.length <= MAX_LENGTH)
  const tokens = useMemo(() => loaded?.tokensOf(code, language), [loaded, code, language])
  return (
    // Reachable by keyboard, because it may scroll.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre tabIndex={0} dir="ltr" className={blockClass}>
      <code className="font-mono">
        {tokens?.map(({ type, value }, index) => (
          // oxlint-disable-next-line react/no-array-index-key
          <span key={index} className={colors[type]}>
            {value}
          </span>
        )) ?? code}
      </code>
    </pre>
  )
}
