'use client'
import type { PeerId } from '@patchbay/protocol'
import { Volume2, VolumeX } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { useVolume } from '@/lib/volumes'
import { Button } from '../ui/button'

/** How loud someone is on this page. */
export function VolumeField({ peer, name }: { readonly peer: PeerId; readonly name: string }): ReactNode {
  const t = useTranslations('Stage')
  const [{ level, isMuted }, setVolume] = useVolume(peer)
  const action = t(isMuted ? 'unmuteForMe' : 'muteForMe')
  return (
    <div className="flex items-center gap-3">
      <Button
        data-hint={action}
        look="ghost"
        size="icon"
        aria-label={`${t('muteForMe')}: ${name}`}
        aria-pressed={isMuted}
        onClick={() => setVolume({ isMuted: !isMuted })}
      >
        {isMuted ? <VolumeX className="size-5 text-bad" aria-hidden /> : <Volume2 className="size-5" aria-hidden />}
      </Button>
      <input
        type="range"
        aria-label={t('volume', { name })}
        min={0}
        max={1}
        step={0.05}
        value={level}
        disabled={isMuted}
        onChange={({ currentTarget }) => setVolume({ level: currentTarget.valueAsNumber })}
        className="h-6 min-w-0 flex-1 accent-brass"
      />
    </div>
  )
}
