import type { PeerId } from '@patchbay/protocol'
import { useChannel, useLocalMedia, usePeers } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useState } from 'react'
import { isActive } from '@/lib/is-active'
import { MUTE_CHANNEL, muteOptions, type MuteRequest, MuteRequests } from '@/lib/mute-request'
import { addToast } from '@/lib/toasts'
import { leaveFullScreen } from '@/lib/use-full-screen'

/** Mutes this person's microphone when another member asks for it, and says who that was. */
export function useMuteRequests(): void {
  const t = useTranslations('Mute')
  const channel = useChannel<MuteRequest, boolean>(MUTE_CHANNEL, muteOptions)
  const media = useLocalMedia()
  const peers = usePeers()
  const [requests] = useState(() => new MuteRequests<PeerId>())
  const microphone = media?.state.microphone
  const canSpeak = isActive(microphone)
  useEffect(() => {
    if (canSpeak) requests.speaks(performance.now())
  }, [canSpeak, requests])
  const answer = useEffectEvent((from: PeerId): boolean => {
    if (media === undefined) return false
    // What is rendered of a hidden page may be a second old. One that is being opened is muted as well.
    const now = media.devices.getSnapshot().microphone
    if (now.status !== 'starting' && !isActive(now)) return true
    const { name, host } = peers.find(({ info }) => info.id === from)?.info ?? {}
    if (name === undefined || !requests.heed(from, performance.now(), host)) return false
    media.devices.setMuted(true)
    // It would hide this.
    leaveFullScreen()
    addToast({ title: t('by', { name }), description: t('byText') })
    return true
  })
  useEffect(() => channel?.onRequest((_, from) => answer(from)), [channel])
}

/** @returns a function that mutes a member for everyone, and says so where that is not possible. */
export function useMuteOthers(): (peer: PeerId, name: string) => Promise<void> {
  const t = useTranslations('Mute')
  const channel = useChannel<MuteRequest, boolean>(MUTE_CHANNEL, muteOptions)
  return async (peer, name) => {
    const isMuted = await channel?.request({ kind: 'mute' }, peer).catch(() => false)
    if (isMuted !== true)
      addToast({ title: t('failed', { name }), description: t('failedText'), type: 'error', priority: 'high' })
  }
}
