'use client'
import type { Device } from '@patchbay/core/mesh'
import { Volume2 } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { canChooseSpeaker, useSpeaker } from '@/lib/devices'
import { playTestSound } from '@/lib/test-sound'
import { Button } from '../ui/button'
import { nameFor } from '../ui/dock-label'
import { DeviceChoice } from './device-choice'

/** Chooses where the sound comes from, where the browser allows it, and plays a sound there. */
export function SpeakerField({ devices }: { readonly devices: readonly Device[] }): ReactNode {
  const t = useTranslations()
  const [speaker, choose] = useSpeaker()
  const [plays, setPlays] = useState(false)
  const label = t(plays ? 'Setup.playing' : 'Setup.test')
  const test = async () => {
    setPlays(true)
    // Where there is no sound at all, the person hears that.
    await playTestSound(speaker).catch(() => {})
    setPlays(false)
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-3">
      {canChooseSpeaker() && devices.length > 0 ? (
        <DeviceChoice
          kind="speaker"
          devices={devices}
          value={speaker ?? ''}
          onChoose={choose}
          empty={t('Media.noDevices')}
        />
      ) : (
        <p className="self-center text-sm text-soft">{t('Setup.systemSpeaker')}</p>
      )}
      <Button
        onClick={() => void test()}
        isBusy={plays}
        aria-label={nameFor(label, t('Setup.testSpeaker'))}
        className="h-11"
      >
        <Volume2 className="size-4" aria-hidden />
        {label}
      </Button>
    </div>
  )
}
