'use client'
import { LoaderCircle } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useState } from 'react'
import { captionsCode } from '@/lib/captions/captions-code'
import { laterCode } from '@/lib/later-code'
import { traceCode } from '@/lib/trace-code'
import { OpenedDialog } from '../ui/opened-dialog'
import { CallSettings } from './settings-button'
import { ShortcutList } from './shortcut-list'

/** How long the code of a dialog may take before the page says that it is missing, in milliseconds. */
const PATIENCE_MS = 4_000

/** A dialog that is opened from a menu or with a key. */
export type CallDialog = 'keys' | 'settings' | 'quality' | 'captions' | 'background' | 'trace'

/** The dialogs of the call, of which one at most is open. */
export function CallDialogs(props: {
  readonly opened: CallDialog | undefined
  /** Where the focus goes when it is closed. */
  readonly opener: HTMLElement | null
  /** One leads to another. */
  readonly onOpen: (dialog: CallDialog) => void
  readonly onClose: () => void
}): ReactNode {
  const { opened, opener, onOpen, onClose } = props
  const t = useTranslations()
  const QualityPanel = laterCode.use(opened === 'quality')?.QualityPanel
  const BackgroundField = laterCode.use(opened === 'background')?.BackgroundField
  const CaptionsPanel = captionsCode.use(opened === 'captions')?.CaptionsPanel
  const TracePanel = traceCode.use(opened === 'trace')?.TracePanel
  const about = (dialog: CallDialog) => ({ open: opened === dialog, opener, onClose })
  return (
    <>
      <OpenedDialog {...about('keys')} title={t('Keys.title')}>
        <ShortcutList />
      </OpenedDialog>
      <OpenedDialog {...about('quality')} title={t('Quality.title')}>
        {QualityPanel === undefined ? <Pending /> : <QualityPanel onTrace={() => onOpen('trace')} />}
      </OpenedDialog>
      <OpenedDialog {...about('trace')} title={t('Trace.title')}>
        {TracePanel === undefined ? <Pending /> : <TracePanel />}
      </OpenedDialog>
      <OpenedDialog {...about('captions')} title={t('Captions.title')}>
        {CaptionsPanel === undefined ? <Pending /> : <CaptionsPanel />}
      </OpenedDialog>
      <OpenedDialog {...about('background')} title={t('Background.title')}>
        {BackgroundField === undefined ? <Pending /> : <BackgroundField isTitled />}
      </OpenedDialog>
      <OpenedDialog {...about('settings')} title={t('Settings.title')}>
        <CallSettings />
      </OpenedDialog>
    </>
  )
}

/** Stands for what is still being fetched. */
function Pending(): ReactNode {
  const t = useTranslations('App')
  const [isLate, setIsLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <p role="status" className="flex min-h-10 items-center gap-3">
      <LoaderCircle className="size-5 shrink-0 animate-spin text-brass motion-reduce:animate-none" aria-hidden />
      {isLate && t('popupFailed')}
    </p>
  )
}
