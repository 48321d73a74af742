'use client'
import { AUTO, type ClientState } from '@patchbay/core/client'
import { useLineChoice, useSignaling } from '@patchbay/react'
import { ChevronDown } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { labelOfLine } from '@/lib/lines'
import { useLines } from '@/lib/use-lines'
import { LineMenu } from '../line-menu'
import { useLineNotices } from './use-line-notices'

/** The signaling line in use, its round trip, and a menu to choose another. Details are in the banner. */
export function LinePill(): ReactNode {
  const t = useTranslations()
  const signaling = useSignaling()
  const lines = useLines()
  const line = useLineChoice()
  const choose = useLineNotices(line, signaling)
  const online = signaling.status === 'online'
  const settled = online && line?.movingTo === undefined
  const roundTrip = line?.roundTripMs === undefined ? undefined : Math.max(1, Math.round(line.roundTripMs))
  const trip = online && roundTrip !== undefined ? [t('Line.roundTrip', { ms: roundTrip })] : []
  const label = labelOf(signaling)
  return (
    <LineMenu
      choice={line?.choice ?? AUTO}
      onChoose={choose}
      trigger={
        <button
          type="button"
          data-testid="line"
          aria-label={[t('Line.button', { label }), ...trip].join(' ')}
          aria-busy={!settled}
          disabled={line === undefined}
          className="flex h-10 items-center gap-2 rounded-full bg-sunken px-3 text-xs font-medium whitespace-nowrap transition hover:brightness-95 data-popup-open:brightness-95 dark:hover:brightness-125"
        />
      }
      note={story()}
    >
      <span
        aria-hidden
        className={`size-2.5 shrink-0 rounded-full ${settled ? 'bg-good' : 'animate-pulse bg-brass motion-reduce:animate-none'}`}
      />
      <span className="max-md:sr-only">{label}</span>
      {trip.length > 0 && <span className="text-soft tabular-nums max-sm:hidden">{trip}</span>}
      <ChevronDown className="size-3.5 text-soft" aria-hidden />
    </LineMenu>
  )

  function labelOf(state: ClientState): string {
    if (line?.movingTo !== undefined && line.movingTo !== AUTO)
      return t('Line.moving', { to: labelOfLine(line.movingTo) })
    if (state.status === 'online') return labelOfLine(state.line)
    return state.status === 'connecting' ? t('Status.connecting') : t('Status.reconnecting')
  }

  /** Text below the choices of the menu. */
  function story(): string {
    if (signaling.status !== 'online') return t('Line.storyNone')
    const best = lines[0]
    if (line?.choice !== AUTO || best === undefined || signaling.line === best.name) return t('Line.story')
    return t('Line.storyFallback', { line: labelOfLine(signaling.line), better: best.label })
  }
}
