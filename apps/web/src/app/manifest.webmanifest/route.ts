import type { MetadataRoute } from 'next'
import { getLocale, getTranslations } from 'next-intl/server'
import { catalogs } from '@/i18n/catalogs'
import { iconFiles } from '@/lib/icon-files'
import { SHARE_PATH } from '@/lib/share-target'
import { site } from '@/site'

/** What a browser needs to know to install the page, in the language that it asks for. */
export async function GET(): Promise<Response> {
  if (!site.features.install) return new Response(null, { status: 404 })
  const locale = await getLocale()
  const t = await getTranslations('App')
  const manifest: MetadataRoute.Manifest = {
    id: '/',
    start_url: '/',
    scope: '/',
    name: site.name,
    short_name: site.name,
    description: t('tagline'),
    lang: locale,
    dir: catalogs[locale].direction,
    display: 'standalone',
    background_color: site.icon.ground,
    theme_color: site.icon.ground,
    share_target: {
      action: SHARE_PATH,
      method: 'post',
      enctype: 'multipart/form-data',
      params: { title: 'title', text: 'text', url: 'url', files: [{ name: 'files', accept: ['*/*'] }] },
    },
    icons: Object.entries(iconFiles).flatMap(([name, { size, purpose }]) =>
      purpose === undefined ? [] : [{ src: `/icons/${name}`, sizes: `${size}x${size}`, type: 'image/png', purpose }],
    ),
  }
  return Response.json(manifest, { headers: { 'content-type': 'application/manifest+json' } })
}
