import { useEffect } from 'react'

/** Keeps the screen on, where the browser can (W3C Screen Wake Lock). Hiding the page ends the lock. */
export function useWakeLock(): void {
  useEffect(() => {
    const wakeLock = (navigator as Partial<Pick<Navigator, 'wakeLock'>>).wakeLock
    if (wakeLock === undefined) return undefined
    let lock: WakeLockSentinel | undefined
    let isOver = false
    const ask = async () => {
      if (document.visibilityState !== 'visible') return
      // Refused when the battery is low.
      const got = await wakeLock.request('screen').catch(() => undefined)
      if (isOver) void got?.release()
      else lock = got
    }
    void ask()
    document.addEventListener('visibilitychange', ask)
    return () => {
      isOver = true
      document.removeEventListener('visibilitychange', ask)
      void lock?.release()
    }
  }, [])
}
