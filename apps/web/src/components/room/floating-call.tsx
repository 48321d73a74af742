'use client'
import { StreamVideo, useLocalMedia, useSpeakers } from '@patchbay/react'
import { AppWindow, type LucideIcon, MicOff, PhoneOff } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ComponentProps, type ReactNode, useEffect, useState } from 'react'
import { createPortal } from 'react-dom'
import { floatingPicture, floatingWindow, useFloatingWindow } from '@/lib/floating'
import { isActive } from '@/lib/is-active'
import { useStageChoice } from '@/lib/stage-choice'
import { nextSpeaker, planStage } from '@/lib/stage-plan'
import { Button } from '../ui/button'
import { Avatar } from './avatar'
import { actionOf, icons, pressSource } from './call-dock'
import { type StageTile, useTiles } from './stage'
import { Mark } from './tile'
import { useUnreadCount } from './use-unread'

export { toggleFloating } from '@/lib/open-floating'

type Props = Parameters<typeof useTiles>[0] & { readonly onLeave: () => void }

/** The call in a window of its own beside others, while there is one; it is closed with the room. */
export function FloatingCall(props: Props): ReactNode {
  const place = useFloatingWindow()
  useEffect(() => () => floatingWindow.getSnapshot()?.close(), [])
  return place !== undefined && createPortal(<Content {...props} place={place} />, place.document.body)
}

/** The shared screen, or who speaks, with one's own picture small, and the buttons that one needs there. */
function Content({ place, onLeave, ...props }: Props & { readonly place: Window }): ReactNode {
  const t = useTranslations()
  const speakers = useSpeakers()
  const tiles = useTiles(props, speakers)
  const [speaker, setSpeaker] = useState<string>()
  useEffect(() => setSpeaker((before) => nextSpeaker(before, speakers)), [speakers])
  const { pinned, hidesSelf } = useStageChoice()
  const [large] = planStage(tiles, { layout: 'speaker', hidesSelf: false, pinned }, speaker).featured
  const main = tiles.find(({ key }) => key === large)
  const own = tiles.find(({ key }) => key === 'self')
  const { all: unread } = useUnreadCount()
  useTold(place, main?.stream)
  const back = () => {
    window.focus()
    place.close()
  }
  return (
    <div className="isolate flex h-dvh flex-col bg-stage">
      <main className="relative min-h-0 flex-1">
        <h1 className="sr-only">{place.document.title}</h1>
        {main !== undefined && <Picture tile={main} className="absolute inset-1" />}
        {own !== undefined && own !== main && own.camera && !hidesSelf && (
          <Picture tile={own} isSmall className="absolute end-2 top-2 aspect-video w-1/4 ring-1 ring-white/60" />
        )}
      </main>
      <footer className="flex flex-wrap items-center justify-center gap-2 p-1.5">
        <SourceButton source="microphone" />
        <SourceButton source="camera" />
        <IconButton icon={AppWindow} name={t('Float.back')} onClick={back} />
        <IconButton icon={PhoneOff} look="danger" name={t('Room.leave')} onClick={onLeave} />
        <p role="status" className="text-xs font-medium text-white empty:hidden">
          {unread > 0 && t('Chat.unread', { count: unread })}
        </p>
      </footer>
    </div>
  )
}

/** Tells how high a picture is shown in the window, so that its sender sends it at that size even if the page is hidden. */
function useTold(place: Window, stream: MediaStream | undefined): void {
  useEffect(() => {
    if (stream === undefined) return undefined
    const tell = () => floatingPicture.set({ stream, height: place.innerHeight })
    tell()
    place.addEventListener('resize', tell)
    return () => {
      place.removeEventListener('resize', tell)
      floatingPicture.set(undefined)
    }
  }, [place, stream])
}

function Picture(props: {
  readonly tile: StageTile
  readonly isSmall?: boolean
  readonly className: string
}): ReactNode {
  const { tile, isSmall = false, className } = props
  const { name, seed, stream, camera, screen = false, mirrored = false, microphone, speaking = false } = tile
  const t = useTranslations('Peer')
  const isSilent = microphone !== undefined && microphone !== 'on'
  return (
    <figure
      aria-label={name}
      data-speaking={speaking}
      className={`grid place-items-center overflow-hidden rounded-xl bg-[#2b2723] data-[speaking=true]:ring-2 data-[speaking=true]:ring-[#f7ab37] ${className}`}
    >
      {camera ? (
        <StreamVideo
          stream={stream}
          aria-label={t('video', { name })}
          className={`absolute inset-0 size-full ${screen ? 'object-contain' : 'object-cover'} ${mirrored ? '-scale-x-100' : ''}`}
        />
      ) : (
        <Avatar name={name} seed={seed} className="size-16 text-2xl" />
      )}
      {!isSmall && (
        <figcaption className="absolute start-2 bottom-2 flex max-w-[calc(100%-1rem)] items-center gap-1.5 rounded-lg bg-black/65 px-2 py-0.5 text-xs text-white">
          {isSilent && (
            <Mark icon={MicOff} text={microphone === 'muted' ? t('muted') : t('micOff')} className="text-[#ffb4ab]" />
          )}
          {/* The figure itself has the name. */}
          <bdi className="truncate" aria-hidden>
            {name}
          </bdi>
        </figcaption>
      )}
    </figure>
  )
}

/** Turns microphone or camera on or off. */
function SourceButton({ source }: { readonly source: 'microphone' | 'camera' }): ReactNode {
  const t = useTranslations('Media')
  const media = useLocalMedia()
  const state = media?.state[source]
  if (media === undefined || state === undefined) return null
  return (
    <IconButton
      icon={icons[source][isActive(state) ? 'on' : 'off']}
      look={isActive(state) ? 'plain' : 'off'}
      name={t(actionOf(source, state))}
      isBusy={state.status === 'starting'}
      onClick={() => pressSource(media.devices, source, state)}
    />
  )
}

/** A button whose name is shown when the pointer rests on it, and spoken once. */
function IconButton(
  props: { readonly icon: LucideIcon; readonly name: string } & Pick<
    ComponentProps<typeof Button>,
    'look' | 'isBusy' | 'onClick'
  >,
): ReactNode {
  const { icon: Icon, name, ...button } = props
  return (
    <Button size="icon" {...button} title={name} className="rounded-full outline-white">
      <Icon className="size-5" aria-hidden />
    </Button>
  )
}
