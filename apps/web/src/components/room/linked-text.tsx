import type { ReactNode } from 'react'
import { laterCode } from '@/lib/later-code'

/** Only complete web addresses become links: no schemes that run code, no guesses. */
const linkOptions = {
  defaultProtocol: 'https',
  validate: { url: (text: string) => /^https?:\/\//.test(text), email: false },
  target: '_blank',
  rel: 'noopener noreferrer nofollow',
  className: 'underline decoration-brass underline-offset-2 wrap-anywhere',
}

/** Longest text, and longest word of it, in which addresses are looked for. */
const LINKED_LENGTH = 4_000
const LINKED_WORD_LENGTH = 500

/** Text with its web addresses as links. Looks word by word, and only in words that hold one: the rest may be made to take long. */
export function LinkedText({ text }: { readonly text: string }): ReactNode {
  const Linkify = laterCode.useLoaded()?.Linkify
  if (Linkify === undefined || text.length > LINKED_LENGTH || !text.includes('://')) return text
  return text.split(/(\s+)/).map((word, index) =>
    word.includes('://') && word.length <= LINKED_WORD_LENGTH ? (
      // oxlint-disable-next-line react/no-array-index-key
      <Linkify key={index} options={linkOptions}>
        {word}
      </Linkify>
    ) : (
      word
    ),
  )
}
