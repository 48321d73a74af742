'use client'
import type { MediaState } from '@patchbay/core/mesh'
import type { PeerId } from '@patchbay/protocol'
import { StreamVideo } from '@patchbay/react'
import { Hand, type LucideIcon, MicOff, Pin, VolumeX } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import type { Box } from '@/lib/stage-layout'
import { useFullScreen } from '@/lib/use-full-screen'
import { useShownHeight } from '@/lib/use-shown-height'
import { useVolume } from '@/lib/volumes'
import { Avatar } from './avatar'
import { Sound } from './sound'
import { TileMenu } from './tile-menu'
import { Zoomable } from './zoomable'

/** What a tile shows, and where. */
export interface TileProps {
  /** `undefined` while it has no place. */
  readonly box: Box | undefined
  readonly name: string
  readonly seed: string
  readonly stream: MediaStream | undefined
  readonly camera: boolean
  /** `undefined` for a screen. */
  readonly microphone?: MediaState['microphone']
  /** This client's own video: silent. */
  readonly self?: boolean
  /** Whether the picture is shown as in a mirror: one's own, except what a camera at the back sees. */
  readonly mirrored?: boolean
  /** A screen: shown uncropped. */
  readonly screen?: boolean
  /** Whether the person is speaking. */
  readonly speaking?: boolean
  /** Display name of their signaling line. */
  readonly line?: string | undefined
  /** Note about the connection. */
  readonly note?: string
  /** The person whose sound it has; `undefined` for one's own. */
  readonly peer?: PeerId
  /** Whether the person's hand is up. */
  readonly hand?: boolean
  /** What the person shows for a moment. */
  readonly reaction?: string | undefined
  /** What the others say, while it fills the screen and the stage is behind it. */
  readonly captions: ReactNode
  readonly pinned: boolean
  readonly onPin: (pinned: boolean) => void
  /** Told the ratio of width to height of the picture, now and when it changes, as when a phone is turned. */
  readonly onRatio: (ratio: number) => void
  /** Told how high it is, in physical pixels, now and when it changes; 0 while it has no place. */
  readonly onShown: (height: number) => void
}

/** One person or screen: video or avatar, with name and state, and what can be done with it. */
export function Tile(props: TileProps): ReactNode {
  const { box, name, seed, stream, camera, microphone, line, note, pinned, onPin, onRatio, onShown } = props
  const { self = false, screen = false, speaking = false, mirrored = false } = props
  const { hand = false, peer, reaction, captions } = props
  const t = useTranslations('Peer')
  const [{ isMuted }] = useVolume(peer)
  const [tile, setTile] = useState<HTMLElement | null>(null)
  const [video, setVideo] = useState<HTMLVideoElement | null>(null)
  const { isFull } = useFullScreen(tile)
  useShownHeight(tile, video, onShown)
  const picture = (
    <StreamVideo
      stream={stream}
      videoRef={setVideo}
      onRatio={onRatio}
      aria-label={t('video', { name })}
      className={`absolute inset-0 size-full group-[:fullscreen]:object-contain ${screen ? 'object-contain' : 'object-cover'} ${mirrored ? '-scale-x-100' : ''} ${camera ? '' : 'invisible'}`}
    />
  )
  return (
    <figure
      ref={setTile}
      aria-label={name}
      data-testid="tile"
      data-name={name}
      data-speaking={speaking}
      data-pinned={pinned}
      style={box}
      hidden={box === undefined}
      className="group @container-[size] absolute grid place-items-center overflow-hidden rounded-2xl bg-[#2b2723] data-[speaking=true]:ring-3 data-[speaking=true]:ring-[#f7ab37]"
    >
      {screen && !self ? <Zoomable name={name}>{picture}</Zoomable> : picture}
      {!camera && <Avatar name={name} seed={seed} className="size-[min(5rem,55cqmin)] text-[min(2.25rem,25cqmin)]" />}
      {note !== undefined && (
        <p className="absolute start-2 top-2 max-w-[calc(100%-6rem)] truncate rounded-full bg-black/70 px-3 py-1 text-xs font-medium text-white">
          {note}
        </p>
      )}
      {/* Nobody is heard who is shown as muted. A screen has no microphone. */}
      {!self && stream !== undefined && (
        <Sound stream={stream} peer={peer} isOff={microphone !== undefined && microphone !== 'on'} />
      )}
      {reaction !== undefined && (
        <span aria-hidden className="absolute text-[min(5rem,45cqmin)] leading-none drop-shadow-lg">
          {reaction}
        </span>
      )}
      <TileMenu {...{ name, line, tile, video, camera, pinned, onPin, peer }} isHeard={microphone === 'on'} />
      <figcaption className="absolute start-2 bottom-2 flex max-w-[calc(100%-1rem)] items-center gap-1.5 rounded-lg bg-black/65 px-2 py-1 text-sm text-white @max-[10rem]:bottom-1 @max-[10rem]:start-1 @max-[10rem]:max-w-[calc(100%-0.5rem)] @max-[10rem]:px-1.5 @max-[10rem]:py-0.5 @max-[10rem]:text-xs">
        {hand && <Mark icon={Hand} text={t('handUp')} className="text-[#f7ab37]" />}
        {pinned && <Mark icon={Pin} text={t('pinned')} />}
        {isMuted && <Mark icon={VolumeX} text={t('mutedForMe')} className="text-[#ffb4ab]" />}
        {microphone !== undefined && microphone !== 'on' && (
          <Mark icon={MicOff} text={microphone === 'muted' ? t('muted') : t('micOff')} className="text-[#ffb4ab]" />
        )}
        {/* The tile itself has the name. */}
        <bdi className="min-w-0 truncate" aria-hidden>
          {name}
        </bdi>
      </figcaption>
      {isFull && captions}
    </figure>
  )
}

/** A state of the person: an icon, in words for screen readers. */
export function Mark(props: {
  readonly icon: LucideIcon
  readonly text: string
  readonly className?: string
}): ReactNode {
  const { icon: Icon, text, className = '' } = props
  return (
    <>
      <Icon className={`size-4 shrink-0 ${className}`} aria-hidden />
      <span className="sr-only">{text}</span>
    </>
  )
}
