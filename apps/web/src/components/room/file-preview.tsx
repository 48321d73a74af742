'use client'
import { type ReactNode, useEffect, useRef, useState } from 'react'

/** Pictures made of pixels, which a decoder reads and nothing runs. */
const raster: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif'])
const MAX_PREVIEW_BYTES = 20_971_520
const SIDE = 96

/** A small picture of a received picture; `fallback` for everything else. */
export function FilePreview(props: {
  readonly file: Blob
  readonly mime: string
  readonly fallback: ReactNode
}): ReactNode {
  const { file, mime, fallback } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const [failed, setFailed] = useState(false)
  const shown = raster.has(mime) && file.size <= MAX_PREVIEW_BYTES && !failed
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!shown || context === null || context === undefined) return
    let wanted = true
    // What is kept of it is small, however many pixels it has.
    createImageBitmap(file, { resizeWidth: SIDE, resizeHeight: SIDE, resizeQuality: 'medium' }).then(
      (bitmap) => {
        if (wanted) context.drawImage(bitmap, 0, 0)
        bitmap.close()
      },
      () => wanted && setFailed(true),
    )
    return () => {
      wanted = false
    }
  }, [file, shown])
  return shown ? (
    <canvas ref={canvas} width={SIDE} height={SIDE} aria-hidden className="size-10 rounded-lg" />
  ) : (
    fallback
  )
}
