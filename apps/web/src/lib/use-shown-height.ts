import { useEffect, useEffectEvent } from 'react'

/** Tells how high an element is, in physical pixels, now and whenever that changes; 0 while it is not shown. */
export function useShownHeight(element: HTMLElement | null, onShown: (height: number) => void): void {
  const tell = useEffectEvent(onShown)
  useEffect(() => {
    if (element === null) return undefined
    const observer = new ResizeObserver(() => tell(element.clientHeight * devicePixelRatio))
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
}
