'use client'
import type { PeerId } from '@patchbay/protocol'
import { Ellipsis, Maximize, Minimize } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { useFullScreen } from '@/lib/use-full-screen'
import { useVolume } from '@/lib/volumes'
import { site } from '@/site'
import { Button } from '../ui/button'
import { MenuButton } from '../ui/menu'
import { useMuteOthers } from './use-mute-requests'

/** With a mouse they show over the tile that it is on, so that they hide no face; with the keyboard where the focus is. */
const look =
  'size-8 rounded-lg border-0 bg-black/65 p-0 text-white outline-white -outline-offset-2 hover:bg-black/85 data-popup-open:bg-black/85 [@media(hover:hover)]:not-group-hover:not-focus-visible:not-data-popup-open:opacity-0 @max-[10rem]:size-6'

/** What can be done with one tile: the whole screen, pinning, a picture in picture. */
export function TileMenu(props: {
  /** Whose tile it is. */
  readonly name: string
  /** Display name of their signaling line. */
  readonly line: string | undefined
  readonly tile: HTMLElement | null
  readonly video: HTMLVideoElement | null
  /** Whether there is a picture. */
  readonly camera: boolean
  readonly pinned: boolean
  readonly onPin: (pinned: boolean) => void
  /** The person whose sound it has. */
  readonly peer: PeerId | undefined
  /** Whether their microphone is on. */
  readonly isHeard: boolean
}): ReactNode {
  const { name, line, tile, video, camera, pinned, onPin, peer, isHeard } = props
  const t = useTranslations('Stage')
  const mute = useTranslations('Mute')
  const muteForAll = useMuteOthers()
  const [{ isMuted }, setVolume] = useVolume(peer)
  const { isFull, toggle } = useFullScreen(tile)
  const fullScreen = t(isFull ? 'exitFullScreen' : 'fullScreen')
  const label = t('options', { name })
  // Firefox has a button of its own on each video, and no API.
  const canFloat = camera && video !== null && document.pictureInPictureEnabled
  const float = () => {
    // Rejects before the first frame is there.
    if (document.pictureInPictureElement === video) document.exitPictureInPicture().catch(() => {})
    else video?.requestPictureInPicture().catch(() => {})
  }
  return (
    <div className="absolute top-2 end-2 z-1 flex gap-1 @max-[10rem]:top-1 @max-[10rem]:end-1">
      {toggle !== undefined && (
        <Button
          data-hint={fullScreen}
          className={`${look} ${isFull ? '' : '@max-[16rem]:not-focus-visible:hidden'}`}
          aria-label={`${fullScreen}: ${name}`}
          onClick={toggle}
        >
          {isFull ? <Minimize className="size-4" aria-hidden /> : <Maximize className="size-4" aria-hidden />}
        </Button>
      )}
      {/* A menu would open outside of what fills the screen. */}
      {!isFull && (
        <MenuButton
          title={line === undefined ? label : `${label} · ${line}`}
          trigger={<Button className={look} aria-label={label} />}
          actions={[
            { key: 'pin', label: t(pinned ? 'unpin' : 'pin'), act: () => onPin(!pinned) },
            ...(toggle === undefined ? [] : [{ key: 'full', label: fullScreen, act: toggle }]),
            ...(peer === undefined
              ? []
              : [
                  {
                    key: 'mute',
                    label: t(isMuted ? 'unmuteForMe' : 'muteForMe'),
                    act: () => setVolume({ isMuted: !isMuted }),
                  },
                ]),
            ...(peer !== undefined && isHeard && site.features.muteOthers
              ? [{ key: 'muteForAll', label: mute('forAll'), act: () => void muteForAll(peer, name) }]
              : []),
            ...(canFloat ? [{ key: 'float', label: t('float'), act: float }] : []),
          ]}
        >
          <Ellipsis className="size-4" aria-hidden />
        </MenuButton>
      )}
    </div>
  )
}
