import { site } from '@/site'

/** Made once, by the build: each build has its own, so that a browser takes the worker anew after a deployment. */
export const dynamic = 'force-static'
const build = Date.now().toString(36)

/**
 * The service worker. It keeps one page, `/offline`, and shows it when the server of the page cannot be reached. Everything
 * else goes to the network as if there were no worker: it never sees signaling, and no page is ever out of date.
 */
const worker = `// Build ${build}
const KEPT = 'offline-${build}'

self.addEventListener('install', (event) => {
  const keep = async () => {
    const answer = await fetch('/offline', { cache: 'reload' })
    if (!answer.ok) throw new Error('There is no offline page.')
    await (await caches.open(KEPT)).put('/offline', answer)
    await self.skipWaiting()
  }
  event.waitUntil(keep())
})

self.addEventListener('activate', (event) => {
  const tidy = async () => {
    const others = (await caches.keys()).filter((name) => name !== KEPT)
    await Promise.all(others.map((name) => caches.delete(name)))
    // The request goes out while the worker still starts.
    await self.registration.navigationPreload?.enable()
    await self.clients.claim()
  }
  event.waitUntil(tidy())
})

self.addEventListener('fetch', (event) => {
  if (event.request.mode !== 'navigate') return
  const go = async () => {
    try {
      return (await event.preloadResponse) ?? (await fetch(event.request))
    } catch (error) {
      const page = await caches.match('/offline', { cacheName: KEPT })
      if (page === undefined) throw error
      return page
    }
  }
  event.respondWith(go())
})
`

/** The script of the service worker. */
export function GET(): Response {
  if (!site.features.install) return new Response(null, { status: 404 })
  return new Response(worker, {
    headers: { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache' },
  })
}
