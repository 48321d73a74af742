'use client'
import type { ClientState, RosterState } from '@patchbay/core/client'
import { closeCodes } from '@patchbay/protocol'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Mark } from '../brand'
import { Button, buttonClass } from '../ui/button'

/** Whether nothing more can come of this visit without the person. */
export function isOver(signaling: ClientState, roster: RosterState): boolean {
  return (signaling.status === 'closed' && signaling.code !== 'bye') || roster.status === 'refused'
}

/** Says why the room is closed to this page, and what can be done. */
export function FullStop(props: {
  readonly signaling: ClientState
  readonly roster: RosterState
  readonly onComeBack: () => void
}): ReactNode {
  const t = useTranslations('Status')
  const app = useTranslations('App')
  const { title, text, action } = useStory(props)
  return (
    <main className="grid min-h-dvh place-content-center justify-items-center gap-4 p-6 text-center">
      <Mark className="size-12 text-brass" />
      <div role="alert" className="grid gap-2">
        <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
        <p className="max-w-md leading-relaxed text-pretty text-soft">{text}</p>
      </div>
      <div className="flex flex-wrap justify-center gap-3">
        <Button look="primary" onClick={action === 'reload' ? () => location.reload() : props.onComeBack}>
          {t(action)}
        </Button>
        <Link href="/" className={buttonClass({ look: 'plain' })}>
          {app('backHome')}
        </Link>
      </div>
    </main>
  )
}

function useStory({ signaling, roster }: { readonly signaling: ClientState; readonly roster: RosterState }): {
  readonly title: string
  readonly text: string
  readonly action: 'takeBack' | 'reload' | 'tryAgain'
} {
  const t = useTranslations('Status')
  if (roster.status === 'refused') {
    const full = roster.code === 'room_full'
    return {
      title: full ? t('fullTitle') : t('tooManyTitle'),
      text: full ? t('fullText') : t('tooManyText'),
      action: 'tryAgain',
    }
  }
  const code = signaling.status === 'closed' && signaling.code !== 'bye' ? signaling.code : undefined
  if (code === 'superseded') return { title: t('superseded'), text: t('supersededText'), action: 'takeBack' }
  const reason = code === undefined ? '' : closeCodes[code].sentence
  return { title: t('refused'), text: t('refusedText', { reason }), action: 'reload' }
}
