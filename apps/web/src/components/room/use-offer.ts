import { hasShownKey, type PeerView } from '@patchbay/core/mesh'
import type { PeerId } from '@patchbay/protocol'
import { useFiles, usePeers, useRoom } from '@patchbay/react'
import { useFormatter, useTranslations } from 'next-intl'
import { failing } from '@/lib/failing'
import { addToast } from '@/lib/toasts'

/** Offers files to everyone here, or to `to`. @returns those that could not be offered. Never rejects. */
export type Offer = (files: readonly File[], to?: readonly PeerId[]) => Promise<readonly File[]>

/** @returns a function that offers files, and says so if that fails, or if there is nobody. */
export function useOffer(): Offer {
  const t = useTranslations('Files')
  const format = useFormatter()
  const { files: share } = useFiles()
  const peers = usePeers()
  const { status } = useRoom()
  return async (chosen, to) => {
    // While the room is being entered it is not known who is there, and for a moment after that not who has its key.
    const mayGetFiles = (peer: PeerView) => peer.refused === 0 || hasShownKey(peer)
    const isAlone = to === undefined ? status === 'joined' && !peers.some(mayGetFiles) : to.length === 0
    if (isAlone && chosen.length > 0) addToast({ title: t('dropAlone') })
    if (share === undefined) return chosen
    const left = await failing(chosen, (file) => share.offer(file, to))
    const names = format.list(left.map(({ name }) => name))
    if (left.length > 0) addToast({ title: t('offerFailed', { names }), type: 'error', priority: 'high' })
    return left
  }
}
