'use client'
import { useFiles, usePeers } from '@patchbay/react'
import { FileQuestion } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { fileKeyOf } from '@/lib/file-entries'
import { useLasting } from '@/lib/use-lasting'
import { Button } from '../ui/button'
import { focusQuestion, useUnseenQuestions } from './use-asked'

/** A question that has just come is out of sight until it is drawn, in milliseconds. */
const DRAWN_MS = 400

/** Points to files that wait for an answer and are out of sight. */
export function QuestionBar({ onShow }: { readonly onShow: (key: string) => void }): ReactNode {
  const t = useTranslations('Files')
  const { transfers } = useFiles()
  const peers = usePeers()
  const unseen = useUnseenQuestions(transfers).toSorted((a, b) => a.at - b.at)
  const lasts = useLasting(unseen.length > 0, DRAWN_MS)
  const [first] = unseen
  if (!lasts || first === undefined) return null
  const name = peers.find(({ info }) => info.id === first.peer)?.info.name ?? t('someone')
  return (
    <div
      data-testid="questions"
      className="mx-[min(1rem,4vw)] flex shrink-0 items-center gap-2 rounded-xl border border-line bg-brass-wash py-1 ps-3 pe-1 text-sm"
    >
      <FileQuestion className="size-4 shrink-0 text-brass" aria-hidden />
      <p className="line-clamp-2 min-w-0 flex-1 wrap-anywhere">
        {unseen.length === 1 ? t('offers', { name, file: first.name }) : t('unanswered', { count: unseen.length })}
      </p>
      <Button
        className="h-8 px-3"
        onClick={() => {
          focusQuestion(first.key)
          onShow(fileKeyOf(first))
        }}
      >
        {t('show')}
      </Button>
    </div>
  )
}
