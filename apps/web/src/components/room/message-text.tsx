'use client'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { LinkedText } from './linked-text'

/** A message longer than this is cut until the person asks for all of it: anybody may send 8,000 line breaks. */
const SHOWN_LENGTH = 1_200
const SHOWN_LINES = 14

/** The text of a message, cut where it is very long. */
export function MessageText({ text, edited }: { readonly text: string; readonly edited: boolean }): ReactNode {
  const t = useTranslations('Chat')
  const [whole, setWhole] = useState(false)
  const short = text.split('\n', SHOWN_LINES).join('\n').slice(0, SHOWN_LENGTH)
  const shown = whole ? text : short
  return (
    <>
      {/* Hidden overflow: stacked combining marks would cover what others have said. */}
      <div
        dir="auto"
        className="overflow-hidden leading-relaxed wrap-anywhere whitespace-pre-wrap"
        data-testid="message-text"
      >
        <LinkedText text={shown} />
        {shown.length < text.length && '…'}
      </div>
      {short.length < text.length && (
        <button
          type="button"
          aria-expanded={whole}
          onClick={() => setWhole(!whole)}
          className="text-sm font-medium text-brass underline underline-offset-2"
        >
          {t(whole ? 'less' : 'more')}
        </button>
      )}
      {edited && <span className="block text-xs text-soft">{t('edited')}</span>}
    </>
  )
}
