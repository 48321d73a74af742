'use client'
import { type ReactNode, useEffect, useRef } from 'react'
import { playSound, stopSound } from '@/lib/sound'

/** Sound of a stream, apart from its picture: browsers let pictures play that are muted, and hold sound back. */
export function Sound({ stream }: { readonly stream: MediaStream }): ReactNode {
  const audio = useRef<HTMLAudioElement>(null)
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
