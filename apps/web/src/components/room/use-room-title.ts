import { useRoom } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import type { Invite } from '@/lib/invite'

/** The room's title, or what stands for one. */
export function useRoomTitle({ room }: Invite): string {
  const t = useTranslations('Room')
  const roster = useRoom()
  return (roster.status === 'joined' ? roster.title : undefined) ?? t('untitled', { room })
}
