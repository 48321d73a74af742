'use client'
import type { PeerId } from '@patchbay/protocol'
import { type ReactNode, useEffect, useRef } from 'react'
import { playSound, stopSound } from '@/lib/sound'
import { useVolume } from '@/lib/volumes'

/** Sound of a stream, apart from its picture: browsers let pictures play that are muted, and hold sound back. */
export function Sound(props: { readonly stream: MediaStream; readonly peer: PeerId | undefined }): ReactNode {
  const { stream, peer } = props
  const audio = useRef<HTMLAudioElement>(null)
  const [{ level, isMuted }] = useVolume(peer)
  useEffect(() => {
    const element = audio.current
    if (element === null) return
    element.muted = isMuted
    // Has no effect on iOS, where only the person's own buttons change the volume.
    element.volume = level
  }, [level, isMuted])
  useEffect(() => {
    const element = audio.current
    if (element === null) return undefined
    const play = () => {
      if (stream.getAudioTracks().length === 0) return
      if (element.srcObject !== stream) element.srcObject = stream
      playSound(element)
    }
    play()
    stream.addEventListener('addtrack', play)
    return () => {
      stream.removeEventListener('addtrack', play)
      stopSound(element)
    }
  }, [stream])
  return <audio ref={audio} />
}
