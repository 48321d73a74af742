import { useEffect, useEffectEvent } from 'react'
import { floatingPicture } from './floating'

/**
 * Tells how high a tile is, or the window in which its picture or the call floats if that is higher, in physical pixels, now and whenever
 * that changes; 0 while nothing of it is shown.
 */
export function useShownHeight(
  tile: HTMLElement | null,
  video: HTMLVideoElement | null,
  onShown: (height: number) => void,
): void {
  const tell = useEffectEvent(onShown)
  useEffect(() => {
    if (tile === null || video === null) return undefined
    let floating: PictureInPictureWindow | undefined
    const look = () => {
      const beside = floatingPicture.getSnapshot()
      const inCall = beside?.stream === video.srcObject ? beside?.height : undefined
      tell(Math.max(tile.clientHeight, floating?.height ?? 0, inCall ?? 0) * devicePixelRatio)
    }
    const onFloat = ({ pictureInPictureWindow }: PictureInPictureEvent) => {
      floating = pictureInPictureWindow
      floating.addEventListener('resize', look)
      look()
    }
    const onBack = () => {
      floating = undefined
      look()
    }
    const stop = floatingPicture.subscribe(look)
    const observer = new ResizeObserver(look)
    observer.observe(tile)
    video.addEventListener('enterpictureinpicture', onFloat)
    video.addEventListener('leavepictureinpicture', onBack)
    return () => {
      stop()
      observer.disconnect()
      video.removeEventListener('enterpictureinpicture', onFloat)
      video.removeEventListener('leavepictureinpicture', onBack)
    }
  }, [tile, video])
}
