'use client'
import type { MessageLink } from '@patchbay/protocol'
import { X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { mayHoldLink } from '@/lib/links'
import { Button } from '../ui/button'

/** A link of a message by the title that its author has sent along, and by the host that it really leads to. */
export function LinkCard({ link: { url, title } }: { readonly link: MessageLink }): ReactNode {
  if (!mayHoldLink(url) || !URL.canParse(url)) return null
  return (
    <a
      href={url}
      target="_blank"
      rel="noopener noreferrer nofollow"
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

/** What goes along with the text that is typed, if the person likes. @param props.id of the words: they describe the field. */
export function TitleBar(props: {
  readonly id: string
  readonly link: MessageLink
  readonly onCancel: () => void
}): ReactNode {
  const { id, link, onCancel } = props
  const t = useTranslations('Chat')
  return (
    <div className="flex items-center gap-2 pb-1.5 text-xs text-soft">
      <p id={id} className="min-w-0 flex-1 truncate border-s-2 border-brass ps-2">
        {t('withTitle')} <bdi className="font-semibold text-ink">{link.title}</bdi>
      </p>
      <Button look="ghost" size="icon" className="size-7" aria-label={t('withoutTitle')} onClick={onCancel}>
        <X className="size-4" aria-hidden />
      </Button>
    </div>
  )
}
