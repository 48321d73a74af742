'use client'
import { usePeers } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useSyncExternalStore } from 'react'
import { captionColor, captionSize } from '@/lib/captions/choices'
import type { CaptionLine } from '@/lib/captions/lines'
import { shownCaptions } from '@/lib/captions/shown-captions'

const none: readonly CaptionLine[] = []
const sizes = { small: 'text-sm', medium: 'text-lg', large: 'text-2xl' }
const colors = { light: 'bg-black/85 text-white', dark: 'bg-white/95 text-black', yellow: 'bg-black text-[#ffe600]' }

/** What the others say, over the stage. Screen readers are told what is final, once, at the pace of speech. */
export function CaptionLines(): ReactNode {
  const t = useTranslations('Captions')
  const peers = usePeers()
  const shown = useSyncExternalStore(shownCaptions.subscribe, shownCaptions.getSnapshot, () => none)
  const lines = shown.flatMap((line) => {
    const name = peers.find(({ info }) => info.id === line.from)?.info.name
    return name === undefined ? [] : [{ ...line, name }]
  })
  return (
    <>
      <div
        aria-hidden
        className="pointer-events-none absolute inset-x-0 bottom-0 z-10 grid max-h-full justify-items-center gap-1 overflow-hidden"
      >
        {lines.map(({ key, name, text }) => (
          <CaptionText key={key} name={name} text={text} />
        ))}
      </div>
      <div role="log" aria-label={t('title')} className="sr-only">
        {lines.map(({ key, name, text, isSaid }) => isSaid && <p key={key}>{t('said', { name, text })}</p>)}
      </div>
    </>
  )
}

/** One caption: who says it, and the last two rows of it. */
export function CaptionText({ name, text }: { readonly name: string; readonly text: string }): ReactNode {
  return (
    <div
      data-testid="caption"
      className={`flex max-w-[min(100%,44rem)] min-w-0 gap-2 rounded-lg px-3 py-1 leading-snug ${sizes[captionSize.use()]} ${colors[captionColor.use()]}`}
    >
      <bdi className="max-w-[30%] shrink-0 truncate font-semibold">{name}</bdi>
      {/* The newest words are at the end. Hidden overflow: stacked combining marks would cover the stage. */}
      <div className="flex max-h-[2lh] min-w-0 flex-col justify-end overflow-hidden">
        <p dir="auto" className="shrink-0 wrap-anywhere">
          {text}
        </p>
      </div>
    </div>
  )
}
