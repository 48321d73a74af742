import {
  type ComponentProps,
  type ReactNode,
  type SyntheticEvent,
  useCallback,
  useEffect,
  useRef,
  useState,
} from 'react'
import { playSound, stopSound } from './audio-playback.ts'

/**
 * The picture of a stream, always silent: browsers let a muted picture play before the person has pressed anything. Its sound
 * is for a {@link StreamAudio}. Further properties go to the `<video>`.
 */
export function StreamVideo(
  props: Omit<ComponentProps<'video'>, 'ref' | 'src' | 'muted' | 'autoPlay' | 'playsInline'> & {
    /** Its tracks may come and go. */
    readonly stream: MediaStream | undefined
    /** Gets the element, and `null` when it is gone; the same function each time. */
    readonly videoRef?: (element: HTMLVideoElement | null) => void
    /** Told the ratio of width to height of the picture, now and when it changes, as when a phone is turned. */
    readonly onRatio?: (ratio: number) => void
  },
): ReactNode {
  const { stream, videoRef, onRatio, onLoadedMetadata, onResize, ...video } = props
  const [element, setElement] = useState<HTMLVideoElement | null>(null)
  useEffect(() => (element === null ? undefined : showIn(element, stream)), [element, stream])
  const takeElement = useCallback(
    (next: HTMLVideoElement | null) => {
      setElement(next)
      videoRef?.(next)
    },
    [videoRef],
  )
  const measure = ({ currentTarget: { videoWidth, videoHeight } }: SyntheticEvent<HTMLVideoElement>) => {
    if (videoWidth > 0 && videoHeight > 0) onRatio?.(videoWidth / videoHeight)
  }
  return (
    <video
      {...video}
      ref={takeElement}
      autoPlay
      playsInline
      muted
      onLoadedMetadata={(event) => {
        measure(event)
        onLoadedMetadata?.(event)
      }}
      onResize={(event) => {
        measure(event)
        onResize?.(event)
      }}
    />
  )
}

/**
 * The sound of a stream, apart from its picture. What the browser holds back is started by `useAudioPlayback`.
 * Volume has no effect on iOS, where only the person's own buttons change it.
 */
export function StreamAudio(props: {
  readonly stream: MediaStream
  /** 0 to 1. */
  readonly volume?: number
  readonly muted?: boolean
  /** Id of an output device (`LocalDevicesState.devices.speaker`); the system's own where it is gone or cannot be chosen. */
  readonly speaker?: string | undefined
}): ReactNode {
  const { stream, volume = 1, muted = false, speaker } = props
  const audio = useRef<HTMLAudioElement>(null)
  useEffect(() => {
    const element = audio.current
    if (element === null) return
    element.muted = muted
    element.volume = volume
    // Firefox plays what is silent unasked, and pauses it when it is to be heard.
    if (element.paused && element.srcObject !== null) playSound(element)
  }, [volume, muted])
  useEffect(() => {
    const element = audio.current
    if (element === null || !('setSinkId' in element)) return undefined
    let latest: Promise<void> | undefined
    const choose = () => {
      const choice = element.setSinkId(speaker ?? '')
      latest = choice
      // Rejects where the device is gone or cannot be chosen: the element would go on with the one before.
      choice.catch(() => (latest === choice ? element.setSinkId('') : undefined)).catch(() => {})
    }
    choose()
    const devices = navigator.mediaDevices as MediaDevices | undefined
    devices?.addEventListener('devicechange', choose)
    return () => {
      latest = undefined
      devices?.removeEventListener('devicechange', choose)
    }
  }, [speaker])
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

/** Shows a stream in a video. @returns a function that stops watching it. */
function showIn(element: HTMLVideoElement, stream: MediaStream | undefined): () => void {
  const play = () => {
    // Rejects when the element is taken away or gets another stream meanwhile.
    if (element.srcObject !== null) element.play().catch(() => {})
  }
  element.srcObject = stream ?? null
  play()
  // A track that joins a playing stream starts by itself; one that joins an idle stream may not.
  stream?.addEventListener('addtrack', play)
  // Safari pauses a picture whose floating window the person closes.
  element.addEventListener('leavepictureinpicture', play)
  return () => {
    stream?.removeEventListener('addtrack', play)
    element.removeEventListener('leavepictureinpicture', play)
  }
}
