'use client'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useState } from 'react'
import { watchLoudness } from '@/lib/voice'

/** Loudness at which the meter is empty, and full, in decibels of full scale. */
const QUIET_DB = -60
const FULL_DB = -10

/** How loud a microphone is, live. */
export function LevelMeter({ track }: { readonly track: MediaStreamTrack }): ReactNode {
  const t = useTranslations('Setup')
  const [percent, setPercent] = useState(0)
  useEffect(() => watchLoudness(track, (loudness) => setPercent(percentOf(loudness))), [track])
  return (
    <div
      role="meter"
      aria-label={t('level')}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className="h-2 overflow-hidden rounded-full bg-sunken forced-colors:border"
    >
      <div
        className="h-full origin-left rounded-full bg-brass transition-transform duration-150 rtl:origin-right motion-reduce:transition-none forced-colors:bg-[Highlight]"
        style={{ transform: `scaleX(${percent / 100})` }}
      />
    </div>
  )
}

function percentOf(loudness: number): number {
  const decibels = 20 * Math.log10(Math.max(loudness, 1e-6))
  return Math.round(100 * Math.min(1, Math.max(0, (decibels - QUIET_DB) / (FULL_DB - QUIET_DB))))
}
