import { SEALED_NAME } from '@patchbay/core/mesh'
import { useModeration } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useRef } from 'react'
import { notify } from '@/lib/notices'

/** Shows a host whose page is hidden a notice of each who would like to come in. @param title of the room. */
export function useKnockNotices(title: string): void {
  const t = useTranslations('Host')
  const { knocking } = useModeration().state
  const known = useRef<readonly string[]>([])
  const tell = useEffectEvent((name: string) =>
    notify({ title, text: t('knock', { name: name === SEALED_NAME ? t('somebody') : name }) }),
  )
  useEffect(() => {
    const newest = knocking.findLast(({ id }) => !known.current.includes(id))
    known.current = knocking.map(({ id }) => id)
    if (newest !== undefined) tell(newest.name)
  }, [knocking])
}
