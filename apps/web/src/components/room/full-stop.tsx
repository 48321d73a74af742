'use client'
import type { ClientState } from '@patchbay/core/client'
import type { RosterState } from '@patchbay/core/signaling'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { FullPage } from '../full-page'
import { Button } from '../ui/button'

/** Explains why this page is not in the room, and what to do. */
export function FullStop(props: {
  readonly signaling: ClientState
  readonly roster: RosterState
  readonly onComeBack: () => void
}): ReactNode {
  const t = useTranslations('Status')
  const { title, text, action } = useStory(props)
  const act = action === 'reload' ? () => location.reload() : props.onComeBack
  return (
    <FullPage
      title={title}
      text={text}
      action={
        <Button look="primary" onClick={act}>
          {t(action)}
        </Button>
      }
    />
  )
}

function useStory({ signaling, roster }: { readonly signaling: ClientState; readonly roster: RosterState }): {
  readonly title: string
  readonly text: string
  readonly action: 'takeBack' | 'reload' | 'tryAgain'
} {
  const t = useTranslations('Status')
  if (roster.status === 'refused') {
    const action = 'tryAgain'
    if (roster.code === 'room_full') return { title: t('fullTitle'), text: t('fullText'), action }
    if (roster.code === 'removed') return { title: t('removedTitle'), text: t('removedText'), action }
    if (roster.code === 'forbidden') return { title: t('forbiddenTitle'), text: t('forbiddenText'), action }
    return { title: t('tooManyTitle'), text: t('tooManyText'), action }
  }
  const code = signaling.status === 'closed' && signaling.code !== 'bye' ? signaling.code : undefined
  if (code === 'superseded') return { title: t('superseded'), text: t('supersededText'), action: 'takeBack' }
  const why = code === 'unauthorized' || code === 'forbidden' || code === 'version_unsupported' ? code : 'unreadable'
  return { title: t('refused'), text: t('refusedText', { why: t(`why.${why}`) }), action: 'reload' }
}
