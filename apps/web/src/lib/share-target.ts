import { isChatText } from '@patchbay/protocol'

/** Cache in which the service worker keeps what another app has shared with the page, until it is sent or thrown away. */
export const SHARED = 'shared'
/** Where other apps send what they share (Web Share Target). */
export const SHARE_PATH = '/share'
/** Under which the text is kept; the files are beside it. */
export const TEXT_PATH = `${SHARE_PATH}/text`
/** As many as a person may have offered at once. */
export const MAX_SHARED_FILES = 32

/** What another app has shared with the page. */
export interface Shared {
  readonly files: readonly File[]
  /** Text, addresses and titles, a line each; empty if there are none, or if they are too long for a message and so a file. */
  readonly text: string
}

/** Whatever is older is deleted unread, in milliseconds. */
const KEPT_MS = 3_600_000

/** @returns what the service worker has kept, or `undefined` if there is nothing. */
export async function readShared(): Promise<Shared | undefined> {
  if (!('caches' in globalThis) || !(await caches.has(SHARED))) return undefined
  const cache = await caches.open(SHARED)
  const files: File[] = []
  let text = ''
  let at = 0
  for (const request of await cache.keys()) {
    const kept = await cache.match(request)
    if (kept === undefined) continue
    if (new URL(request.url).pathname === TEXT_PATH) {
      text = await kept.text()
      at = Number(kept.headers.get('shared-at'))
    } else {
      const name = decodeURIComponent(kept.headers.get('shared-name') ?? '')
      files.push(new File([await kept.blob()], name, { type: kept.headers.get('content-type') ?? '' }))
    }
  }
  if (text !== '' && !isChatText(text)) {
    files.push(new File([text], 'text.txt', { type: 'text/plain' }))
    text = ''
  }
  if (Date.now() - at < KEPT_MS && (files.length > 0 || text !== '')) return { files, text }
  await forgetShared()
  return undefined
}

/** How it gets to the others. */
export interface SharedWays<O extends string> {
  /** @returns `sent`, or why not. */
  readonly say: (text: string) => O
  /** @returns those that could not be offered. */
  readonly offer: (files: readonly File[]) => Promise<readonly File[]>
}

/** Sends it, the text first. @returns what became of the text, and what is left to be sent; `undefined`: nothing. */
export async function sendShared<O extends string>(
  { text, files }: Shared,
  { say, offer }: SharedWays<O | 'sent'>,
): Promise<{ readonly outcome: O | 'sent'; readonly left: Shared | undefined }> {
  const outcome = text === '' ? 'sent' : say(text)
  if (outcome !== 'sent') return { outcome, left: { text, files } }
  const unsent = await offer(files)
  return { outcome, left: unsent.length === 0 ? undefined : { text: '', files: unsent } }
}

/** What was shared was sent, or is not wanted. */
export async function forgetShared(): Promise<void> {
  await caches.delete(SHARED)
}
