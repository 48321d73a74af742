'use client'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { playThrough, useSpeaker } from '@/lib/devices'
import { type FileView, viewOf } from '@/lib/file-view'
import { useObjectUrl } from '@/lib/use-object-url'
import { DialogButton } from '../ui/dialog'

/** Longer side of a picture in the log, in pixels: twice what it is shown at. */
const SIDE = 640
/** A picture that is narrower than this is drawn with fewer pixels. */
const WIDE_RATIO = 4

/** What the viewers of one kind of file get. */
interface ViewerProps {
  readonly file: Blob
  readonly name: string
}

/** A picture, or a player for sound or film; nothing for other files. */
export function FileViewer(
  props: ViewerProps & {
    /** As its sender claims. */
    readonly mime: string
    /** Told when sound or film begins to play, and when it stops. */
    readonly onPlaying: (isPlaying: boolean) => void
  },
): ReactNode {
  const { file, mime, name, onPlaying } = props
  const [view, setView] = useState<FileView>()
  useEffect(() => {
    let isWanted = true
    viewOf(file, mime).then(
      (found) => isWanted && setView(found),
      // A file of this person's that is gone since.
      () => {},
    )
    return () => {
      isWanted = false
    }
  }, [file, mime])
  if (view === undefined) return null
  if (view.kind === 'picture') return <Picture file={file} name={name} view={view} />
  return <Player file={file} name={name} view={view} onPlaying={onPlaying} />
}

/**
 * A picture that opens large. In the log it is drawn once, small and still: one that is made to take long, or to move, does
 * not do so before it is opened.
 */
function Picture(props: ViewerProps & { readonly view: Extract<FileView, { kind: 'picture' }> }): ReactNode {
  const { file, name, view } = props
  const t = useTranslations('Files')
  const canvas = useRef<HTMLCanvasElement>(null)
  const [hasFailed, setFailed] = useState(false)
  useEffect(() => {
    let isWanted = true
    smallPicture(file, view).then(
      (bitmap) => {
        if (isWanted && canvas.current !== null) draw(bitmap, canvas.current)
        bitmap.close()
      },
      () => isWanted && setFailed(true),
    )
    return () => {
      isWanted = false
    }
  }, [file, view])
  if (hasFailed) return null
  return (
    <DialogButton
      trigger={<button type="button" aria-label={t('enlarge', { name })} className="block w-fit max-w-full" />}
      label={
        <canvas
          ref={canvas}
          width={1}
          height={1}
          role="img"
          aria-label={name}
          className="block h-auto max-h-72 min-h-6 w-auto max-w-full min-w-6 rounded-lg"
        />
      }
      title={name}
      isWide
    >
      <LargePicture file={file} name={name} type={view.type} />
    </DialogButton>
  )
}

function LargePicture({ file, name, type }: ViewerProps & { readonly type: string }): ReactNode {
  const url = useObjectUrl(useMemo(() => file.slice(0, file.size, type), [file, type]))
  return <img src={url} alt={name} className="mx-auto block max-h-[70dvh] max-w-full object-contain" />
}

function Player(
  props: ViewerProps & {
    readonly view: Extract<FileView, { kind: 'audio' | 'video' }>
    readonly onPlaying: (isPlaying: boolean) => void
  },
): ReactNode {
  const { file, name, view, onPlaying } = props
  const url = useObjectUrl(useMemo(() => file.slice(0, file.size, view.type), [file, view.type]))
  const [hasFailed, setFailed] = useState(false)
  const element = useRef<HTMLVideoElement & HTMLAudioElement>(null)
  const [speaker] = useSpeaker()
  useEffect(() => playThrough(element.current, speaker), [speaker])
  if (hasFailed) return null
  const shared = {
    src: url,
    controls: true,
    preload: 'metadata' as const,
    'aria-label': name,
    onPlay: () => onPlaying(true),
    onPause: () => onPlaying(false),
    // What this browser cannot play can still be saved.
    onError: () => url !== undefined && setFailed(true),
  }
  return view.kind === 'audio' ? (
    <audio {...shared} ref={element} className="h-10 w-full min-w-0" />
  ) : (
    <video {...shared} ref={element} playsInline className="aspect-video max-h-72 w-full rounded-lg bg-black" />
  )
}

function draw(bitmap: ImageBitmap, canvas: HTMLCanvasElement): void {
  canvas.width = bitmap.width
  canvas.height = bitmap.height
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0)
}

/** Decodes a picture to what is drawn of it. @throws when it is none. */
function smallPicture(file: Blob, view: { readonly width: number; readonly height: number }): Promise<ImageBitmap> {
  const [shorter, longer] = [Math.min(view.width, view.height), Math.max(view.width, view.height)]
  if (longer <= SIDE) return createImageBitmap(file)
  // The other side follows. Which of them is the longer one is not known: a camera's orientation may turn the picture.
  const resizeWidth = Math.round(SIDE * Math.min(1, (WIDE_RATIO * shorter) / longer))
  return createImageBitmap(file, { resizeWidth, resizeQuality: 'medium' })
}
