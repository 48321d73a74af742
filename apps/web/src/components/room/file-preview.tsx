'use client'
import { imageDimensionsFromData } from 'image-dimensions'
import { type ReactNode, useEffect, useRef, useState } from 'react'

/** Raster image types: decoded only, never executed. */
const raster: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif'])
const MAX_PREVIEW_BYTES = 20_971_520
/** Bytes read from the start of a file, where the image size is stated. */
const HEAD_BYTES = 262_144
/** Most pixels to decode: a small file may expand to any number. */
const MAX_PIXELS = 40_000_000
const SIDE = 96

/** Thumbnail of a received image; `fallback` for everything else. */
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
    smallPicture(file).then(
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

/** @throws when the file is not an image or is too large to decode. */
async function smallPicture(file: Blob): Promise<ImageBitmap> {
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer())
  const { width, height } = imageDimensionsFromData(head) ?? { width: Infinity, height: 1 }
  if (width * height > MAX_PIXELS) throw new RangeError(`A picture of ${width} by ${height} pixels is not shown.`)
  return createImageBitmap(file, { resizeWidth: SIDE, resizeHeight: SIDE, resizeQuality: 'medium' })
}
