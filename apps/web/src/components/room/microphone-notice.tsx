'use client'
import { useLocalMedia } from '@patchbay/react'
import { MicOff } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useState } from 'react'
import { type VoiceTrouble, watchVoice } from '@/lib/voice'

/** Tells someone whom nobody can hear: who speaks while muted, or has a microphone that gives no sound. */
export function MicrophoneNotice(): ReactNode {
  const t = useTranslations('Media')
  const { microphone, stream } = useLocalMedia()?.state ?? {}
  const [trouble, setTrouble] = useState<VoiceTrouble>()
  const device = microphone?.status === 'on' ? microphone.deviceId : undefined
  const isMuted = microphone?.status === 'on' ? microphone.muted : undefined
  useEffect(() => {
    const [track] = stream?.getAudioTracks() ?? []
    if (isMuted === undefined || track === undefined) return undefined
    const stop = watchVoice(track, isMuted, setTrouble)
    return () => {
      stop()
      setTrouble(undefined)
    }
  }, [isMuted, device, stream])
  return (
    <div role="status" data-testid="muted" className="grid justify-items-center px-2">
      {trouble !== undefined && (
        <p
          // The room gives it its height: see `RoomView`.
          data-notice
          className="mt-1.5 flex items-center gap-2 rounded-full bg-ink px-4 py-1 text-sm text-ground"
        >
          <MicOff className="size-4 shrink-0" aria-hidden />
          {t(trouble === 'speaking while muted' ? 'speakingMuted' : 'nothingToHear')}
        </p>
      )}
    </div>
  )
}
