import { useRoomConnection } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { canRecord } from '@/lib/call-switches'
import { laterCode } from '@/lib/later-code'
import { addToast } from '@/lib/toasts'

/** Begins or ends a recording of what this person sees; `undefined` where the browser cannot record. */
export function useRecorder(name: string, title: string): (() => void) | undefined {
  const t = useTranslations('App')
  const room = useRoomConnection()
  if (room === undefined || !canRecord()) return undefined
  return () =>
    void laterCode.load().then(
      ({ toggleRecording }) => toggleRecording(room, { name, title }),
      () => addToast({ title: t('popupFailed'), type: 'error', priority: 'high' }),
    )
}
