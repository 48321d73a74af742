'use client'
import { useTranslations } from 'next-intl'
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { playThrough, useSpeaker } from '@/lib/devices'
import { type FileView, likelyKind, viewOf } from '@/lib/file-view'
import type { PictureSize } from '@/lib/picture-size'
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

/** The room that each kind of file takes, so that nothing moves under a pointer when the file arrives. */
const FRAMES: Readonly<Record<FileView['kind'], string>> = {
  picture: 'grid h-48 place-items-center overflow-hidden rounded-lg bg-sunken',
  audio: 'h-10',
  video: 'aspect-video max-h-72 w-full',
}

/** A picture, or a player for sound or film; nothing for other files. */
export function FileViewer(
  props: Pick<ViewerProps, 'name'> & {
    /** `undefined` while it is on its way. */
    readonly file: Blob | undefined
    /** As its sender claims. */
    readonly mime: string
    /** In bytes. */
    readonly size: number
    /** Told when sound or film begins to play, and when it stops. */
    readonly onPlaying: (isPlaying: boolean) => void
  },
): ReactNode {
  const { file, mime, size, name, onPlaying } = props
  const t = useTranslations('Files')
  /** `'none'`: it cannot be shown. */
  const [view, setView] = useState<FileView | 'none'>()
  const fail = useCallback(() => setView('none'), [])
  useEffect(() => {
    if (file === undefined) return
    let isWanted = true
    viewOf(file, mime).then(
      (found) => isWanted && setView(found ?? 'none'),
      // A file of this person's that is gone since.
      () => isWanted && setView('none'),
    )
    return () => {
      isWanted = false
    }
  }, [file, mime])
  const isShown = view !== undefined && view !== 'none'
  const kind = isShown ? view.kind : likelyKind(mime, size)
  if (kind === undefined) return null
  return (
    <div className={FRAMES[kind]}>
      {view === 'none' && <p className="grid size-full place-items-center text-xs text-soft">{t('noPreview')}</p>}
      {file !== undefined && isShown && view.kind === 'picture' && (
        <Picture file={file} name={name} view={view} onFail={fail} />
      )}
      {file !== undefined && isShown && view.kind !== 'picture' && (
        <Player file={file} name={name} view={view} onPlaying={onPlaying} onFail={fail} />
      )}
    </div>
  )
}

/**
 * A picture that opens large. In the log it is drawn once, small and still: one that is made to take long, or to move, does
 * not do so before it is opened.
 */
function Picture(
  props: ViewerProps & { readonly view: Extract<FileView, { kind: 'picture' }>; readonly onFail: () => void },
): ReactNode {
  const { file, name, view, onFail } = props
  const t = useTranslations('Files')
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    let isWanted = true
    smallPicture(file, view).then(
      (bitmap) => {
        if (isWanted && canvas.current !== null) draw(bitmap, canvas.current)
        bitmap.close()
      },
      () => isWanted && onFail(),
    )
    return () => {
      isWanted = false
    }
  }, [file, view, onFail])
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
          className="block h-auto max-h-48 min-h-6 w-auto max-w-full min-w-6 rounded-lg"
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
    readonly onFail: () => void
  },
): ReactNode {
  const { file, name, view, onPlaying, onFail } = props
  const url = useObjectUrl(useMemo(() => file.slice(0, file.size, view.type), [file, view.type]))
  const element = useRef<HTMLVideoElement & HTMLAudioElement>(null)
  const [speaker] = useSpeaker()
  useEffect(() => playThrough(element.current, speaker), [speaker])
  const shared = {
    src: url,
    controls: true,
    preload: 'metadata' as const,
    'aria-label': name,
    onPlay: () => onPlaying(true),
    onPause: () => onPlaying(false),
    // What this browser cannot play can still be saved.
    onError: () => url !== undefined && onFail(),
  }
  return view.kind === 'audio' ? (
    <audio {...shared} ref={element} className="size-full min-w-0" />
  ) : (
    <video {...shared} ref={element} playsInline className="size-full rounded-lg bg-black" />
  )
}

function draw(bitmap: ImageBitmap, canvas: HTMLCanvasElement): void {
  canvas.width = bitmap.width
  canvas.height = bitmap.height
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0)
}

/** Decodes a picture to what is drawn of it. @throws when it is not a picture, or larger than it says. */
async function smallPicture(file: Blob, { width, height }: PictureSize): Promise<ImageBitmap> {
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)]
  // The other side follows. Which of them is the longer one is not known: a camera's orientation may turn the picture.
  const resizeWidth = Math.floor(SIDE * Math.min(1, (WIDE_RATIO * shorter) / longer))
  const bitmap = await createImageBitmap(file, longer > SIDE ? { resizeWidth, resizeQuality: 'medium' } : undefined)
  if (Math.max(bitmap.width, bitmap.height) <= SIDE * WIDE_RATIO) return bitmap
  bitmap.close()
  throw new RangeError('The picture is larger than it says.')
}
