'use client'
import { SEALED_NAME } from '@patchbay/core/mesh'
import type { Knock } from '@patchbay/core/signaling'
import { useModeration } from '@patchbay/react'
import { DoorOpen } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useRef } from 'react'
import { hasScreenKeyboard } from '@/lib/screen-keyboard'
import { leaveFullScreen } from '@/lib/use-full-screen'
import { Button } from '../ui/button'
import { COMPOSER_ID } from './composer'

/** Another name stands where the last one stood: an answer that comes sooner was meant for that one, in milliseconds. */
const SEEN_MS = 500

/** Tells a host who would like to come in, one after another. Always mounted, so that screen readers announce it. */
export function KnockBar(): ReactNode {
  const t = useTranslations('Host')
  const { state, moderation } = useModeration()
  const [first, ...others] = state.knocking
  const shown = useRef({ id: first?.id, at: -Infinity })
  useEffect(() => {
    const before = shown.current
    if (before.id === first?.id) return
    shown.current = { id: first?.id, at: before.id === undefined ? -Infinity : performance.now() }
    // What fills the screen hides this bar.
    if (before.id === undefined) leaveFullScreen()
  }, [first?.id])
  const answer = ({ id }: Knock, isLetIn: boolean) => {
    if (performance.now() - shown.current.at < SEEN_MS) return
    // The buttons go with the last one.
    if (others.length === 0 && !hasScreenKeyboard()) document.getElementById(COMPOSER_ID)?.focus()
    if (isLetIn) moderation?.admit(id)
    else moderation?.remove(id)
  }
  const name = first === undefined || first.name === SEALED_NAME ? t('somebody') : first.name
  return (
    <div
      data-testid="knocks"
      className={
        first === undefined
          ? ''
          : 'flex flex-wrap items-center justify-center gap-x-3 gap-y-1 border-b border-line bg-brass-wash px-3 py-1 text-sm sm:px-5'
      }
    >
      <p role="status" className={first === undefined ? 'sr-only' : 'flex min-w-0 items-center gap-2 wrap-anywhere'}>
        {first !== undefined && (
          <>
            <DoorOpen className="size-4 shrink-0 text-brass" aria-hidden />
            <span>{others.length === 0 ? t('knock', { name }) : t('knocks', { name, count: others.length })}</span>
          </>
        )}
      </p>
      {first !== undefined && (
        <div className="flex gap-2">
          <Button
            look="primary"
            className="h-8 px-3"
            aria-label={`${t('admit')}: ${name}`}
            onClick={() => answer(first, true)}
          >
            {t('admit')}
          </Button>
          <Button className="h-8 px-3" aria-label={`${t('refuse')}: ${name}`} onClick={() => answer(first, false)}>
            {t('refuse')}
          </Button>
        </div>
      )}
    </div>
  )
}
