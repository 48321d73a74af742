import { useRoomConnection } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent } from 'react'
import { canSuppressNoise, noiseSuppression } from '@/lib/call-switches'
import { createNoiseSuppressor } from '@/lib/noise-suppression'
import { addToast } from '@/lib/toasts'

/** Removes noise from the microphone for as long as the person wants it. */
export function useNoiseSuppression(): void {
  const t = useTranslations('Noise')
  const outgoing = useRoomConnection()?.outgoing
  const isOn = noiseSuppression.use()
  const fail = useEffectEvent(() => {
    noiseSuppression.turn(false)
    addToast({ title: t('failed'), description: t('failedText'), type: 'error', priority: 'high' })
  })
  useEffect(() => {
    if (outgoing === undefined || !isOn || !canSuppressNoise()) return undefined
    let isWanted = true
    const suppressor = createNoiseSuppressor(() => isWanted && fail())
    // The microphone as it is goes on where this fails.
    outgoing.process('microphone', suppressor).catch(() => {})
    return () => {
      isWanted = false
      void outgoing.process('microphone', undefined)
    }
  }, [outgoing, isOn])
}
