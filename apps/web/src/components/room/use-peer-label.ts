import type { PeerView } from '@patchbay/core/mesh'
import { useTranslations } from 'next-intl'

/** State of a peer in a word or two, with its severity as `tone`. */
export interface PeerLabel {
  readonly text: string
  readonly tone: 'good' | 'waiting' | 'bad'
}

/** Describes a peer's state in words. */
export function usePeerLabel(): (peer: PeerView) => PeerLabel {
  const t = useTranslations('Peer')
  return ({ link, info, listed, path, refused }) => {
    switch (link.phase) {
      case 'connecting':
        if (refused > 0) return { text: t('refused'), tone: 'bad' }
        return link.attempt > 1 ? { text: t('stuck'), tone: 'bad' } : { text: t('connecting'), tone: 'waiting' }
      case 'healing':
        return { text: t('healing'), tone: 'bad' }
      case 'closed':
        return { text: t('closed'), tone: 'bad' }
      case 'connected':
        if (!listed) return { text: t('offline'), tone: 'waiting' }
        if (info.state === 'away') return { text: t('away'), tone: 'waiting' }
        return { text: t(path === 'relayed' ? 'relayed' : 'connected'), tone: 'good' }
    }
  }
}
