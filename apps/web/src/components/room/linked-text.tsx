import type { ReactNode } from 'react'
import { laterCode } from '@/lib/later-code'
import { linkOptions, mayHoldLink } from '@/lib/links'

/** Longest text in which addresses are looked for. */
const LINKED_LENGTH = 4_000

/** Text with its web addresses as links. Looks word by word, and only in words that hold one: the rest may be made to take long. */
export function LinkedText({ text }: { readonly text: string }): ReactNode {
  const Linkify = laterCode.useLoaded()?.Linkify
  if (Linkify === undefined || text.length > LINKED_LENGTH || !text.includes('://')) return text
  return text.split(/(\s+)/).map((word, index) =>
    mayHoldLink(word) ? (
      // oxlint-disable-next-line react/no-array-index-key
      <Linkify key={index} options={linkOptions}>
        {word}
      </Linkify>
    ) : (
      word
    ),
  )
}
