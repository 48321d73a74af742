'use client'
import type { Transfer } from '@patchbay/core/files'
import type { RoomFiles } from '@patchbay/room'
import { Download, File, FileDown, FileUp, X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useState } from 'react'
import { trust } from '@/lib/trust'
import { Button, buttonClass } from '../ui/button'
import { FilePreview } from './file-preview'
import { useFileStatus } from './use-file-status'

/** One transfer: its file, its progress and its actions. */
export function FileCard(props: {
  readonly transfer: Transfer
  /** Name of the other person; `undefined` if they have left. */
  readonly peer: string | undefined
  readonly files: RoomFiles
}): ReactNode {
  const { transfer, files, peer } = props
  const { name, size, direction, state } = transfer
  const t = useTranslations('Files')
  const status = useFileStatus(transfer)
  const other = peer ?? t('someone')
  const asked = direction === 'in' && state.phase === 'offered'
  const over = state.phase === 'done' || state.phase === 'stopped'
  const bytes = state.phase === 'moving' || state.phase === 'waiting' ? state.bytes : undefined
  const Icon = state.phase === 'done' ? File : direction === 'in' ? FileDown : FileUp
  const icon = <Icon className="size-6 text-brass" aria-hidden />
  const received = state.phase === 'done' ? state.file : undefined
  const [saving, setSaving] = useState(false)
  const acceptAlways = () => {
    trust(transfer.peer)
    files.accept(transfer)
  }

  return (
    <li
      data-testid="file"
      data-name={name}
      data-phase={state.phase}
      className="grid grid-cols-[auto_1fr_auto] items-center gap-x-3 gap-y-2 rounded-xl bg-panel p-3"
    >
      {received === undefined ? icon : <FilePreview file={received} mime={transfer.mime} fallback={icon} />}
      <div className="min-w-0">
        <p className="truncate text-sm font-medium" title={name}>
          <bdi>{name}</bdi>
        </p>
        <p className="text-xs text-soft" role={over ? 'status' : undefined}>
          {t(direction === 'in' ? 'from' : 'to', { name: other })} · {status}
        </p>
      </div>
      <div className="flex items-center gap-1.5">
        {received !== undefined && <SaveLink file={received} name={name} onSave={() => setSaving(true)} />}
        {!asked && (
          <Button
            look="ghost"
            size="icon"
            aria-label={t(over ? 'dismiss' : 'cancel', { name })}
            onClick={() => (over ? files.dismiss(transfer, { saving }) : files.stop(transfer))}
          >
            <X className="size-4" aria-hidden />
          </Button>
        )}
      </div>
      {bytes !== undefined && (
        <progress
          aria-label={name}
          max={Math.max(1, size)}
          value={bytes}
          className="col-span-3 h-1.5 w-full appearance-none overflow-hidden rounded-full bg-sunken [&::-moz-progress-bar]:bg-brass [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-brass"
        />
      )}
      {asked && (
        <div className="col-span-3 flex flex-wrap gap-2">
          <Button look="primary" onClick={() => files.accept(transfer)}>
            {t('accept')}
          </Button>
          <Button onClick={() => files.stop(transfer)}>{t('decline')}</Button>
          <Button look="ghost" onClick={acceptAlways}>
            {t('acceptAlways', { name: other })}
          </Button>
        </div>
      )}
      {state.phase === 'done' && (
        <details className="col-span-3 text-xs text-soft">
          <summary className="cursor-pointer">{t('checked')}</summary>
          <code className="block pt-1 font-mono break-all">SHA-256 {state.sha256}</code>
        </details>
      )}
    </li>
  )
}

/** Saves the received file; the browser never opens it as a document, whatever its type. */
function SaveLink(props: { readonly file: Blob; readonly name: string; readonly onSave: () => void }): ReactNode {
  const { file, name, onSave } = props
  const t = useTranslations('Files')
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const made = URL.createObjectURL(file)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [file])
  return (
    <a
      href={url}
      download={name}
      onClick={onSave}
      className={buttonClass({ look: 'primary' })}
      aria-label={t('saveName', { name })}
    >
      <Download className="size-4" aria-hidden />
      {t('save')}
    </a>
  )
}
