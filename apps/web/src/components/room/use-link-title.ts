import { holdsLink, type MessageLink } from '@patchbay/protocol'
import { useState } from 'react'
import { titledLinkIn } from '@/lib/link-titles'

/** The link that goes out with a title. */
export interface LinkTitle {
  /** `undefined`: none of the text. */
  readonly link: MessageLink | undefined
  /** Something is pasted or dropped, and comes into the text a moment later. */
  readonly take: (data: DataTransfer) => void
  /** The text is another one now: a link that is not in it is forgotten. */
  readonly follow: (text: string) => void
  readonly forget: () => void
}

/** Hook. Keeps the title that was pasted or dropped with a link of a text. */
export function useLinkTitle(text: string): LinkTitle {
  const [taken, setTaken] = useState<MessageLink>()
  return {
    link: taken !== undefined && holdsLink(text, taken.url) ? taken : undefined,
    take: (data) => {
      const found = titledLinkIn(data)
      if (found !== undefined) setTaken(found)
    },
    follow: (next) => setTaken((one) => (one !== undefined && holdsLink(next, one.url) ? one : undefined)),
    forget: () => setTaken(undefined),
  }
}
