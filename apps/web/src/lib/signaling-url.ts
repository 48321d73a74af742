/** Port of the signaling server when nothing else is said; the same default as the server's own `PORT`. */
const DEFAULT_PORT = '4000'

/**
 * Where this page finds its signaling server. `SIGNALING_URL` says it outright; otherwise it is the host that the page
 * itself was asked from, on `SIGNALING_PORT`.
 * @param headers of the request for the page.
 */
export function signalingUrlFor(headers: { get(name: string): string | null }): string {
  const fixed = process.env.SIGNALING_URL
  if (fixed !== undefined && URL.canParse(fixed)) return fixed
  const secure = headers.get('x-forwarded-proto') === 'https'
  const page = `http://${headers.get('host') ?? 'localhost'}`
  const hostname = URL.canParse(page) ? new URL(page).hostname : 'localhost'
  return `${secure ? 'wss' : 'ws'}://${hostname}:${process.env.SIGNALING_PORT ?? DEFAULT_PORT}/ws`
}
