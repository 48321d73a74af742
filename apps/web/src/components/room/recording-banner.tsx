'use client'
import { useRoomConnection } from '@patchbay/react'
import { Circle, Download, Square, X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type MouseEvent, type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { dismissRecording, recording, type RecordingState, stopRecording } from '@/lib/recording/recording'
import { tidyRecordings } from '@/lib/recording/tidy'
import { Button, buttonClass } from '../ui/button'
import { COMPOSER_ID } from './composer'
import { useRecorders } from './recording-notices'

const none: RecordingState = { status: 'none' }

/** Says who is recording, to everyone; to whoever does, for how long, and in the end where it is. */
export function RecordingBanner(): ReactNode {
  const t = useTranslations('Recording')
  const state = useSyncExternalStore(recording.subscribe, recording.getSnapshot, () => none)
  const room = useRoomConnection()
  // What was recorded is saved when its person leaves, another tab takes over, or a page that comes back joins anew.
  useEffect(() => stopRecording, [room])
  useEffect(() => void tidyRecordings(), [])
  const isOn = state.status === 'starting' || state.status === 'recording'
  const others = useRecorders() ?? (false as const)
  const own = isOn && t('own')
  const outcome =
    (state.status === 'saving' && t('saving')) ||
    (state.status === 'saved' && t(state.failed ? 'cutShort' : 'saved', { name: state.name })) ||
    (state.status === 'refused' && t('refused'))
  // Buttons go when they are pressed: the focus stays on the banner until there are others.
  const banner = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (document.activeElement !== banner.current) return
    const next = banner.current?.querySelector<HTMLElement>('a, button')
    if (next !== null) next?.focus()
    else if (state.status === 'none') document.getElementById(COMPOSER_ID)?.focus()
  }, [state.status])
  const stop = () => {
    banner.current?.focus()
    stopRecording()
  }
  const dismiss = ({ detail }: MouseEvent) => {
    dismissRecording()
    // It was pressed by key: on a phone, the keyboard on the screen stays closed.
    if (detail === 0) document.getElementById(COMPOSER_ID)?.focus()
  }
  const isEmpty = [others, own, outcome].every((text) => text === false)
  return (
    <div
      ref={banner}
      tabIndex={-1}
      data-testid="recording"
      className={
        isEmpty
          ? ''
          : 'flex flex-wrap items-center justify-center gap-x-3 gap-y-1 border-b border-line bg-panel px-3 py-1 text-sm sm:px-5'
      }
    >
      <div role="status" className="flex min-w-0 flex-wrap items-center justify-center gap-x-4">
        {[others, own].map(
          (text) =>
            text !== false && (
              // `RecordingNotices` says who else is recording.
              <p key={text} aria-hidden={text === others} className="flex min-w-0 items-center gap-2 wrap-anywhere">
                <Circle className="size-3 shrink-0 fill-[#d3302f] text-[#d3302f]" aria-hidden />
                {text}
              </p>
            ),
        )}
        {outcome !== false && <p className="min-w-0 text-center wrap-anywhere">{outcome}</p>}
      </div>
      {state.status === 'recording' && <Elapsed sinceMs={state.sinceMs} />}
      {isOn && (
        <Button look="off" className="h-8 px-3" onClick={stop}>
          <Square className="size-3.5" aria-hidden />
          {t('stop')}
        </Button>
      )}
      {(state.status === 'saved' || state.status === 'refused') && (
        <div className="flex gap-1">
          {state.status === 'saved' && (
            <a href={state.url} download={state.name} className={buttonClass({}, 'h-8 px-3')}>
              <Download className="size-4" aria-hidden />
              {t('saveAgain')}
            </a>
          )}
          <Button look="ghost" className="h-8 px-3" onClick={dismiss}>
            <X className="size-4" aria-hidden />
            {t(state.status === 'saved' ? 'discard' : 'dismiss')}
          </Button>
        </div>
      )}
    </div>
  )
}

/** How long it has been recording. */
function Elapsed({ sinceMs }: { readonly sinceMs: number }): ReactNode {
  const t = useTranslations('Recording')
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setSeconds(Math.floor((performance.now() - sinceMs) / 1_000)), 1_000)
    return () => clearInterval(timer)
  }, [sinceMs])
  const two = (value: number) => String(value).padStart(2, '0')
  return (
    <span role="timer" aria-label={t('elapsed')} className="tabular-nums">
      {`${Math.floor(seconds / 60)}:${two(seconds % 60)}`}
    </span>
  )
}
