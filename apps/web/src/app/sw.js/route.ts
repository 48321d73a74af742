import { MAX_SHARED_FILES, SHARE_PATH, SHARED, TEXT_PATH } from '@/lib/share-target'
import { site } from '@/site'

/** Made once, by the build: each build has its own, so that a browser takes the worker anew after a deployment. */
export const dynamic = 'force-static'
const build = Date.now().toString(36)

/**
 * The service worker. It keeps one page, `/offline`, and shows it when the server of the page cannot be reached; and what
 * another app shares with the page, which no server gets. Everything else goes to the network as if there were no worker: it
 * never sees signaling, and no page is ever out of date.
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
    const others = (await caches.keys()).filter((name) => name !== KEPT && name !== '${SHARED}')
    await Promise.all(others.map((name) => caches.delete(name)))
    // The request goes out while the worker still starts.
    await self.registration.navigationPreload?.enable()
    await self.clients.claim()
  }
  event.waitUntil(tidy())
})

const keepShared = async (request) => {
  const form = await request.formData()
  await caches.delete('${SHARED}')
  const kept = await caches.open('${SHARED}')
  const files = form.getAll('files').filter((file) => file instanceof File)
  for (const [i, file] of files.slice(0, ${MAX_SHARED_FILES}).entries()) {
    const headers = { 'content-type': file.type, 'shared-name': encodeURIComponent(file.name) }
    await kept.put('${SHARE_PATH}/' + i, new Response(file, { headers }))
  }
  const texts = ['title', 'text', 'url'].map((field) => form.get(field)).filter((text) => text)
  const headers = { 'shared-at': String(Date.now()), 'left-out': String(Math.max(0, files.length - ${MAX_SHARED_FILES})) }
  await kept.put('${TEXT_PATH}', new Response(texts.join('\\n'), { headers }))
}

self.addEventListener('fetch', (event) => {
  if (event.request.method === 'POST' && new URL(event.request.url).pathname === '${SHARE_PATH}') {
    const to = (place) => Response.redirect(place, 303)
    event.respondWith(keepShared(event.request).then(() => to('/?shared'), () => to('/?shared=failed')))
    return
  }
  if (event.request.mode !== 'navigate') return
  const go = async () => {
    const offline = () => caches.match('/offline', { cacheName: KEPT })
    try {
      const answer = (await event.preloadResponse) ?? (await fetch(event.request))
      // A proxy answers so in place of a server that it does not reach.
      return [502, 503, 504].includes(answer.status) ? ((await offline()) ?? answer) : answer
    } catch (error) {
      const page = await offline()
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
