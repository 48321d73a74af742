'use client'
import type { Transfer } from '@patchbay/core/files'
import type { RoomFiles } from '@patchbay/room'
import { Download, X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { memo, type ReactNode, useRef, useState } from 'react'
import { isOver } from '@/lib/file-outcomes'
import { isAsking } from '@/lib/log-entries'
import { isSaved, noteSaved } from '@/lib/saved-files'
import { trust } from '@/lib/trust'
import { useObjectUrl } from '@/lib/use-object-url'
import { Button, buttonClass } from '../ui/button'
import { asBdi } from './as-bdi'
import { useAsked } from './use-asked'
import { useFileStatus } from './use-file-status'

/** One transfer of a file, from or to one person: its state, its progress and its actions. */
export const FileRow = memo(function FileRow(props: {
  readonly transfer: Transfer
  /** Name of the other person; `undefined` if they have left. */
  readonly peer: string | undefined
  readonly files: RoomFiles
  /** Where the focus goes when the row is gone. */
  readonly onGone: () => void
}): ReactNode {
  const { transfer, files, peer, onGone } = props
  const { name, size, direction, state } = transfer
  const t = useTranslations('Files')
  const status = useFileStatus(transfer)
  const other = peer ?? t('someone')
  const asks = isAsking(transfer)
  const hasEnded = isOver(transfer)
  const bytes = state.phase === 'moving' || state.phase === 'waiting' ? state.bytes : undefined
  const received = state.phase === 'done' ? state.file : undefined
  const row = useRef<HTMLLIElement>(null)
  const [answers, setAnswers] = useState<HTMLElement | null>(null)
  useAsked(transfer.key, answers)
  const answer = (act: () => void) => {
    act()
    // The buttons go away with the question.
    row.current?.focus()
  }
  const end = () => {
    if (!hasEnded) return files.stop(transfer)
    files.dismiss(transfer, { saving: isSaved(transfer.key) })
    onGone()
  }

  return (
    <li
      ref={row}
      tabIndex={-1}
      data-testid="file"
      data-name={name}
      data-phase={state.phase}
      className="grid grid-cols-[1fr_auto] items-center gap-x-2 gap-y-2"
    >
      <p className="min-w-0 text-xs wrap-anywhere text-soft">
        {t.rich(direction === 'in' ? 'from' : 'to', { name: other, bdi: asBdi })} · {status}
      </p>
      <div className="flex items-center gap-1.5">
        {received !== undefined && <SaveLink file={received} name={name} onSave={() => noteSaved(transfer.key)} />}
        {!asks && (
          <Button
            look="ghost"
            size="icon"
            className="size-8"
            aria-label={t(hasEnded ? 'dismiss' : 'cancel', { name })}
            onClick={end}
          >
            <X className="size-4" aria-hidden />
          </Button>
        )}
      </div>
      {bytes !== undefined && (
        // As tall as what takes its place when the file is whole.
        <div className="col-span-2 flex h-6 items-center">
          <progress
            aria-label={name}
            max={Math.max(1, size)}
            value={bytes}
            className="h-1.5 w-full appearance-none overflow-hidden rounded-full bg-sunken [&::-moz-progress-bar]:bg-brass [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-brass"
          />
        </div>
      )}
      {asks && (
        <div ref={setAnswers} className="col-span-2 flex flex-wrap gap-2">
          <Button look="primary" onClick={() => answer(() => files.accept(transfer))}>
            {t('accept')}
          </Button>
          <Button onClick={() => answer(() => files.stop(transfer))}>{t('decline')}</Button>
          <Button
            look="ghost"
            className="h-auto min-h-10 shrink whitespace-normal"
            onClick={() =>
              answer(() => {
                trust(transfer.peer)
                files.accept(transfer)
              })
            }
          >
            {t('acceptAlways', { name: other })}
          </Button>
        </div>
      )}
      {state.phase === 'done' && (
        <details className="col-span-2 text-xs text-soft">
          <summary className="min-h-6 cursor-pointer leading-6">{t('checked')}</summary>
          <code className="block pt-1 font-mono break-all">SHA-256 {state.sha256}</code>
        </details>
      )}
    </li>
  )
})

/** Saves the received file; the browser never opens it as a document, whatever its type. */
function SaveLink(props: { readonly file: Blob; readonly name: string; readonly onSave: () => void }): ReactNode {
  const { file, name, onSave } = props
  const t = useTranslations('Files')
  const url = useObjectUrl(file)
  return (
    <a
      href={url}
      download={name}
      onClick={onSave}
      className={buttonClass({ look: 'primary' }, 'h-8 px-3')}
      aria-label={t('saveName', { name })}
    >
      <Download className="size-4" aria-hidden />
      {t('save')}
    </a>
  )
}
