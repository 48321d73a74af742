'use client'
import { useTranslations } from 'next-intl'
import { type ReactNode, useCallback, useMemo, useState } from 'react'
import { cutText } from '@/lib/cut-text'
import { createLazyCode } from '@/lib/lazy-code'
import { LinkedText } from './linked-text'

/** A message longer than this is cut until the person asks for all of it: anybody may send 8,000 line breaks. */
const SHOWN_LENGTH = 1_200
const SHOWN_LINES = 14
/** Longest text that is read as Markdown: what is made to take long takes no longer than this. */
const RICH_LENGTH = 1_500

const richText = createLazyCode(() => import('./rich-text'))

/** Whether a text may hold Markdown: the code for it is fetched only then. */
function mayBeRich(text: string): boolean {
  return text.length <= RICH_LENGTH && /[*_`~[]|^\s*(?:[-+>]|\d{1,3}[.)])\s/m.test(text)
}

/** Hook. A text in one line, without the marks of its Markdown as soon as the code for it is there. */
export function usePlainText(text: string): string {
  const plain = usePlainTexts(mayBeRich(text))
  return useMemo(() => plain(text), [plain, text])
}

/** Hook. @returns what gives a text as {@link usePlainText} does. @param isWanted the code for it is fetched then. */
export function usePlainTexts(isWanted: boolean): (text: string) => string {
  const rich = richText.use(isWanted)
  return useCallback((text) => (rich !== undefined && mayBeRich(text) ? rich.plainText(text) : text), [rich])
}

/** The text of a message, cut where it is very long. */
export function MessageText(props: {
  readonly text: string
  readonly edited: boolean
  /** Whether a search has found it: what was found may be where it would be cut. */
  readonly isFound: boolean
}): ReactNode {
  const { text, edited, isFound } = props
  const t = useTranslations('Chat')
  const [isOpen, setOpen] = useState(false)
  const whole = isOpen || isFound
  const short = cutText(text.split('\n', SHOWN_LINES).join('\n'), SHOWN_LENGTH)
  const shown = whole ? text : short
  const rich = richText.use(mayBeRich(shown))
  const rendered = useMemo(() => rich?.renderRichText(shown), [rich, shown])
  return (
    <>
      {/* Hidden overflow: stacked combining marks would cover what others have said. */}
      <div
        dir="auto"
        className={`overflow-hidden leading-relaxed wrap-anywhere ${rendered === undefined ? 'whitespace-pre-wrap' : ''}`}
        data-testid="message-text"
      >
        {rendered ?? <LinkedText text={shown} />}
        {shown.length < text.length && '…'}
      </div>
      {short.length < text.length && !isFound && (
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          className="text-sm font-medium text-brass underline underline-offset-2"
        >
          {t(isOpen ? 'less' : 'more')}
        </button>
      )}
      {edited && <span className="block text-xs text-soft">{t('edited')}</span>}
    </>
  )
}
