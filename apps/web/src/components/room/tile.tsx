'use client'
import type { MediaState } from '@patchbay/core/mesh'
import { MicOff } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, type SyntheticEvent, useEffect, useRef } from 'react'
import type { Box } from '@/lib/stage-layout'
import { Avatar } from './avatar'
import { Sound } from './sound'

/** What a tile shows, and where. */
export interface TileProps {
  /** `undefined` until the stage has a size. */
  readonly box: Box | undefined
  readonly name: string
  readonly seed: string
  readonly stream: MediaStream | undefined
  readonly camera: boolean
  /** `undefined` for a screen. */
  readonly microphone?: MediaState['microphone']
  /** This client's own video: mirrored and silent. */
  readonly self?: boolean
  /** A screen: shown uncropped and not mirrored. */
  readonly screen?: boolean
  /** Whether the person is speaking. */
  readonly speaking?: boolean
  /** Display name of their signaling line. */
  readonly line?: string | undefined
  /** Note about the connection. */
  readonly note?: string
  /** Told the ratio of width to height of the picture, now and when it changes, as when a phone is turned. */
  readonly onRatio: (ratio: number) => void
}

/** One person: video or avatar, with their name and muted state. */
export function Tile(props: TileProps): ReactNode {
  const { box, name, seed, stream, camera, microphone, line, note, onRatio } = props
  const { self = false, screen = false, speaking = false } = props
  const t = useTranslations('Peer')
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    const element = video.current
    if (element === null) return undefined
    const play = () => {
      // Rejects when the element is taken away or gets another stream meanwhile.
      if (element.srcObject !== null) element.play().catch(() => {})
    }
    element.srcObject = stream ?? null
    play()
    // A track that joins a playing stream starts by itself; one that joins an idle stream may not.
    stream?.addEventListener('addtrack', play)
    return () => stream?.removeEventListener('addtrack', play)
  }, [stream])

  const measure = ({ currentTarget: { videoWidth, videoHeight } }: SyntheticEvent<HTMLVideoElement>) => {
    if (videoWidth > 0 && videoHeight > 0) onRatio(videoWidth / videoHeight)
  }
  return (
    <figure
      data-testid="tile"
      data-name={name}
      data-speaking={speaking}
      style={box}
      hidden={box === undefined}
      className="absolute grid place-items-center overflow-hidden rounded-2xl bg-[#2b2723] data-[speaking=true]:ring-3 data-[speaking=true]:ring-[#f7ab37]"
    >
      <video
        ref={video}
        autoPlay
        playsInline
        muted
        onLoadedMetadata={measure}
        onResize={measure}
        aria-label={t('video', { name })}
        className={`absolute inset-0 size-full ${screen ? 'object-contain' : 'object-cover'} ${self && !screen ? '-scale-x-100' : ''} ${camera ? '' : 'invisible'}`}
      />
      {!camera && <Avatar name={name} seed={seed} className="size-20 text-4xl" />}
      {note !== undefined && (
        <p className="absolute top-3 rounded-full bg-black/70 px-3 py-1 text-xs font-medium text-white">{note}</p>
      )}
      {!self && stream !== undefined && <Sound stream={stream} />}
      <figcaption className="absolute bottom-2.5 left-2.5 flex max-w-[calc(100%-1.25rem)] items-center gap-1.5 rounded-lg bg-black/65 px-2.5 py-1 text-sm text-white">
        {microphone !== undefined && microphone !== 'on' && (
          <>
            <MicOff className="size-4 shrink-0 text-[#ffb4ab]" aria-hidden />
            <span className="sr-only">{microphone === 'muted' ? t('muted') : t('micOff')}</span>
          </>
        )}
        <bdi className="min-w-0 truncate">{name}</bdi>
        {line !== undefined && <span className="min-w-0 shrink-99 truncate text-xs text-white/80">{line}</span>}
      </figcaption>
    </figure>
  )
}
