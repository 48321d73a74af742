import type { PeerId } from '@patchbay/protocol'
import { useFiles, usePeers } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { addToast } from '@/lib/toasts'

/** @returns a function that offers files to everyone here, or to `to`, and says so if there is nobody. */
export function useOffer(): (files: readonly File[], to?: readonly PeerId[]) => void {
  const t = useTranslations('Files')
  const { files: share } = useFiles()
  const peers = usePeers()
  return (chosen, to = peers.map(({ info }) => info.id)) => {
    if (to.length === 0 && chosen.length > 0) addToast({ title: t('dropAlone') })
    for (const file of chosen) void share?.offer(file, to)
  }
}
