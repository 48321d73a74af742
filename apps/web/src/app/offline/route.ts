import { getLocale, getTranslations } from 'next-intl/server'
import { headers } from 'next/headers'
import { catalogs } from '@/i18n/catalogs'
import { site } from '@/site'

/** How often it asks whether the server is back, in milliseconds. */
const TRY_AGAIN_MS = 5_000

/**
 * What the service worker shows when the server cannot be reached. It needs nothing else: no file of a build that
 * may be gone by then.
 */
export async function GET(): Promise<Response> {
  if (!site.features.install) return new Response(null, { status: 404 })
  const locale = await getLocale()
  const t = await getTranslations()
  const nonce = (await headers()).get('x-nonce') ?? ''
  const { light, dark } = site.colors
  const page = `<!doctype html>
<html lang="${locale}" dir="${catalogs[locale].direction}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, viewport-fit=cover">
<title>${escape(`${t('Offline.title')} · ${site.name}`)}</title>
<style nonce="${escape(nonce)}">
:root { color-scheme: light dark; --brand: ${light.brand}; --on: ${light.onBrand}; --ground: #f5f3ef; --ink: #1d1b18; --soft: #5f5a52 }
@media (prefers-color-scheme: dark) { :root { --brand: ${dark.brand}; --on: ${dark.onBrand}; --ground: #141210; --ink: #f4f1ec; --soft: #b3aca1 } }
body { margin: 0; min-height: 100dvh; padding-left: env(safe-area-inset-left); padding-right: env(safe-area-inset-right); display: grid; place-content: center; background: var(--ground); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif }
main { max-width: 30rem; padding: 1.5rem }
h1 { font-size: 1.5rem; line-height: 1.25; text-wrap: balance }
p { color: var(--soft); text-wrap: pretty }
button { margin-top: .5rem; padding: .7rem 1.25rem; border: 1px solid transparent; border-radius: .75rem; background: var(--brand); color: var(--on); font: inherit; font-weight: 500 }
</style>
<main>
<h1>${escape(t('Offline.title'))}</h1>
<p>${escape(t('Offline.call'))}</p>
<p>${escape(t('Offline.room'))}</p>
<button>${escape(t('Status.tryAgain'))}</button>
</main>
<script nonce="${escape(nonce)}">
// A link to the same page would lose what follows its #, the key of a room.
const again = () => location.reload()
document.querySelector('button').onclick = again
addEventListener('online', again)
setInterval(async () => {
  const answer = await fetch(location.pathname, { method: 'HEAD', cache: 'no-store' }).catch(() => undefined)
  if (answer?.ok) again()
}, ${TRY_AGAIN_MS})
</script>
</html>
`
  return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' } })
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escape = (text: string) => text.replaceAll(/[&<>"]/g, (letter) => entities[letter] ?? '')
