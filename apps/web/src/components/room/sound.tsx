'use client'
import type { PeerId } from '@patchbay/protocol'
import { StreamAudio } from '@patchbay/react'
import type { ReactNode } from 'react'
import { useSpeaker } from '@/lib/devices'
import { useVolume } from '@/lib/volumes'

/**
 * Sound of a stream, as loud as this person wants it, from the speaker they chose.
 * @param isOff nothing of it is heard.
 */
export function Sound(props: {
  readonly stream: MediaStream
  readonly peer: PeerId | undefined
  readonly isOff: boolean
}): ReactNode {
  const { stream, peer, isOff } = props
  const [{ level, isMuted }] = useVolume(peer)
  const [speaker] = useSpeaker()
  return <StreamAudio stream={stream} volume={level} muted={isMuted || isOff} speaker={speaker} />
}
