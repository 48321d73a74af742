import type { MessageLink } from '@patchbay/protocol'
import type { ReactNode } from 'react'
import { linkOptions } from '@/lib/links'

/** A link of a message by the title that its author has sent along, and by the host that it really leads to. */
export function LinkCard({ link: { url, title } }: { readonly link: MessageLink }): ReactNode {
  if (!URL.canParse(url)) return null
  return (
    <a
      href={url}
      target={linkOptions.target}
      rel={linkOptions.rel}
      className="my-1 block w-fit max-w-full rounded-xl border border-edge bg-panel px-3 py-2 hover:bg-sunken"
      data-testid="link-card"
    >
      <bdi className="line-clamp-2 font-medium wrap-anywhere">{title}</bdi>{' '}
      {/* Whole: the end of a name is what tells whose it is. */}
      <bdi dir="ltr" className="block text-xs wrap-anywhere text-soft">
        {new URL(url).host}
      </bdi>
    </a>
  )
}
