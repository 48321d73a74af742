import { ImageResponse } from 'next/og'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { iconFiles } from '@/lib/icon-files'
import { site } from '@/site'

/** Drawn once, by the build. */
export const dynamic = 'force-static'
export const dynamicParams = false
export const generateStaticParams = (): readonly { readonly name: string }[] =>
  Object.keys(iconFiles).map((name) => ({ name }))

/** An icon of the page as a PNG: its logo on its ground. */
export async function GET(_: Request, { params }: RouteContext<'/icons/[name]'>): Promise<Response> {
  const icon = iconFiles[(await params).name]
  if (icon === undefined) return new Response(null, { status: 404 })
  const { size, share, purpose } = icon
  const logo = Math.round(size * share)
  return new ImageResponse(
    <div
      style={{
        display: 'flex',
        width: '100%',
        height: '100%',
        alignItems: 'center',
        justifyContent: 'center',
        backgroundColor: site.icon.ground,
        borderRadius: purpose === 'any' ? size * 0.28 : 0,
      }}
    >
      {/* oxlint-disable-next-line jsx-a11y/alt-text -- a picture within a picture */}
      <img src={await logoUrl()} width={logo} height={logo} style={{ objectFit: 'contain' }} />
    </div>,
    { width: size, height: size },
  )
}

/** The logo as a `data:` URL. */
async function logoUrl(): Promise<string> {
  if (site.logo === undefined) return toUrl('svg+xml', Buffer.from(socket))
  const extension = site.logo.split('.').at(-1) ?? ''
  return toUrl(extension === 'svg' ? 'svg+xml' : extension, await readFile(join(process.cwd(), 'public', site.logo)))
}

const toUrl = (type: string, picture: Buffer) => `data:image/${type};base64,${picture.toString('base64')}`

/** The same as `Mark`. */
const socket = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="11" fill="none" stroke="${site.icon.mark}" stroke-width="4.5"/><circle cx="16" cy="16" r="4" fill="${site.icon.mark}"/></svg>`
