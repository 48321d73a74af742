import { useEffect } from 'react'
import { site } from '@/site'

/** Has the browser keep the page that is shown without the server. @param locale in which it is kept. */
export function useServiceWorker(locale: string): void {
  useEffect(() => {
    // Not on an insecure page; and in development pages change all the time.
    if (!('serviceWorker' in navigator) || process.env.NODE_ENV !== 'production') return
    const { serviceWorker } = navigator
    const settle = async () => {
      if (site.features.install) await serviceWorker.register(`/sw.js?${locale}`)
      else for (const registration of await serviceWorker.getRegistrations()) await registration.unregister()
    }
    // Whoever forbids it, or has no room for it, has the page as before.
    const begin = () => void settle().catch(() => {})
    const timer = setTimeout(begin, START_MS)
    return () => clearTimeout(timer)
  }, [locale])
}

/** What the person came for goes first, in milliseconds. */
const START_MS = 1_000
