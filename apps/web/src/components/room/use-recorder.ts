import { Toast } from '@base-ui/react/toast'
import { useRoomConnection } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { canRecord } from '@/lib/call-switches'
import { laterCode } from '@/lib/later-code'

/** Begins or ends a recording of what this person sees; `undefined` where the browser cannot record. */
export function useRecorder(name: string, title: string): (() => void) | undefined {
  const t = useTranslations('App')
  const room = useRoomConnection()
  const { add } = Toast.useToastManager()
  if (room === undefined || !canRecord()) return undefined
  return () =>
    void laterCode.load().then(
      ({ toggleRecording }) => toggleRecording(room, { name, title }),
      () => add({ title: t('popupFailed'), type: 'error', priority: 'high' }),
    )
}
