import type { RosterState } from '@patchbay/core/signaling'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useRef } from 'react'
import { laterCode } from '@/lib/later-code'

/** Shows a notice, while the page is hidden, when somebody who waited is let in. @param title of the room. */
export function useAdmission({ status }: RosterState, title: string): void {
  const t = useTranslations('Host')
  const notify = laterCode.useLoaded()?.notify
  const before = useRef(status)
  const tell = useEffectEvent(() => notify?.({ title, text: t('letIn') }))
  useEffect(() => {
    if (before.current === 'waiting' && status === 'joined') tell()
    before.current = status
  }, [status])
}
