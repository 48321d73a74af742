'use client'
import type { ReactNode } from 'react'
import { MicrophoneNotice } from './microphone-notice'
import { useCaptions } from './use-captions'
import { useCoverNotice } from './use-cover-notice'
import { useKnockNotices } from './use-knock-notices'
import { useMediaSession } from './use-media-session'
import { useMuteRequests } from './use-mute-requests'
import { useNews } from './use-news'
import { useNoiseSuppression } from './use-noise-suppression'
import { useTrace } from './use-trace'

/**
 * What goes on beside the call: sounds and notices, buttons of a headset, removal of noise, captions, being muted by others, a camera whose background
 * cannot be covered, a word to who is not heard.
 */
export function Attendant(props: {
  readonly title: string
  /** Whether the room has a key. */
  readonly isSealed: boolean
  readonly onLeave: () => void
  /** Opens the choices of captions. */
  readonly onCaptions: () => void
}): ReactNode {
  useNews(props.title, props.isSealed)
  useKnockNotices(props.title)
  useMediaSession(props.onLeave)
  useNoiseSuppression()
  useCaptions(props.onCaptions)
  useCoverNotice()
  useMuteRequests()
  useTrace()
  return <MicrophoneNotice />
}
