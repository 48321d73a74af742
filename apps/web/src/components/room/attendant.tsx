'use client'
import type { ReactNode } from 'react'
import { MicrophoneNotice } from './microphone-notice'
import { useCoverNotice } from './use-cover-notice'
import { useMediaSession } from './use-media-session'
import { useNews } from './use-news'
import { useNoiseSuppression } from './use-noise-suppression'

/** What goes on beside the call: sounds and notices, buttons of a headset, removal of noise, a camera whose background cannot be covered, a word to who is not heard. */
export function Attendant(props: {
  readonly title: string
  /** Whether the room has a key. */
  readonly isSealed: boolean
  readonly onLeave: () => void
}): ReactNode {
  useNews(props.title, props.isSealed)
  useMediaSession(props.onLeave)
  useNoiseSuppression()
  useCoverNotice()
  return <MicrophoneNotice />
}
