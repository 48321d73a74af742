import { useLocalMedia } from '@patchbay/react'
import { useEffect, useEffectEvent } from 'react'
import { isActive } from '@/lib/is-active'

/** The calls of W3C Media Session §5, of which some browsers lack some; what Chromium's return is not a promise. */
interface CallSession {
  setMicrophoneActive?(isActive: boolean): Promise<void> | undefined
  setCameraActive?(isActive: boolean): Promise<void> | undefined
  setActionHandler(action: string, handler: (() => void) | null): void
}

/** Buttons of a headset, of the lock screen and of a picture in picture: mute, camera and hang up, as the dock has them. */
export function useMediaSession(onLeave: () => void): void {
  const media = useLocalMedia()
  const { microphone, camera } = media?.state ?? {}
  const isMicrophoneActive = isActive(microphone)
  const isCameraActive = camera?.status === 'on'
  const act = useEffectEvent((action: 'microphone' | 'camera' | 'hangup') => {
    if (action === 'hangup') return onLeave()
    if (media === undefined) return
    const { devices } = media
    // What is rendered of a hidden page may be a second old.
    const now = devices.getSnapshot()
    // A button in a pocket must not show anyone who is not heard, nor turn on a microphone that is off.
    if (action === 'microphone') {
      if (now.microphone.status === 'on') devices.setMuted(!now.microphone.muted)
    } else if (isActive(now.camera)) void devices.turnOff('camera')
    else if (isActive(now.microphone)) void devices.turnOn('camera')
  })
  useEffect(() => {
    const session = callSession()
    // Rejects where the page may not say so, which changes nothing here.
    session?.setMicrophoneActive?.(isMicrophoneActive)?.catch(() => {})
    session?.setCameraActive?.(isCameraActive)?.catch(() => {})
  }, [isMicrophoneActive, isCameraActive])
  useEffect(() => {
    const session = callSession()
    const handle = (action: string, handler: (() => void) | null) => {
      try {
        session?.setActionHandler(action, handler)
      } catch {
        // Throws for actions that the browser does not know.
      }
    }
    handle('togglemicrophone', () => act('microphone'))
    handle('togglecamera', () => act('camera'))
    handle('hangup', () => act('hangup'))
    return () => {
      for (const action of ['togglemicrophone', 'togglecamera', 'hangup']) handle(action, null)
    }
  }, [])
}

function callSession(): CallSession | undefined {
  return (navigator as { mediaSession?: CallSession }).mediaSession
}
