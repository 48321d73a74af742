import { chosenPlugs } from '@patchbay/lines'

/** Default port of the signaling server, the same as the server's own default `PORT`. */
const DEFAULT_PORT = '4000'

/** What the page needs to dial each of its lines, by name. */
export type LineSettings = Readonly<Record<string, unknown>>

/**
 * The lines that the deployment serves (`LINES`), with their settings. The signaling server is at `SIGNALING_URL`, or else at
 * the host that the page was requested from, on `SIGNALING_PORT`.
 * @param headers of the request for the page.
 */
export function lineSettingsFor(headers: { get(name: string): string | null }): LineSettings {
  const site = { server: serverFor(headers), environment: process.env }
  const settings = chosenPlugs(process.env.LINES).map((plug) => [plug.name, plug.settings(site)] as const)
  return Object.fromEntries(settings.filter(([, its]) => its !== undefined))
}

/** Origins that the page must reach: the signaling server, and wherever its lines go. */
export function originsFor(headers: { get(name: string): string | null }): readonly string[] {
  const { origin } = new URL(serverFor(headers))
  const settings = lineSettingsFor(headers)
  const own = chosenPlugs(process.env.LINES).flatMap((plug) =>
    plug.name in settings ? plug.origins(settings[plug.name]) : [],
  )
  return [...new Set([origin, ...own])]
}

/**
 * URL of the signaling server, without a slash at its end.
 * @param headers of the request for the page.
 * @throws {Error} that names the variable when `SIGNALING_URL` is set to something else than one.
 */
export function serverFor(headers: { get(name: string): string | null }): string {
  const fixed = process.env.SIGNALING_URL
  if (fixed !== undefined && fixed !== '') {
    if (!/^https?:/.test(fixed) || !URL.canParse(fixed))
      throw new Error(`SIGNALING_URL: "${fixed}" must be a URL such as https://chat.example.`)
    return fixed.replace(/\/$/, '')
  }
  const scheme = headers.get('x-forwarded-proto') === 'https' ? 'https' : 'http'
  const page = `http://${headers.get('host') ?? 'localhost'}`
  const hostname = URL.canParse(page) ? new URL(page).hostname : 'localhost'
  return `${scheme}://${hostname}:${process.env.SIGNALING_PORT ?? DEFAULT_PORT}`
}
