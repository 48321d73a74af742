import { cleanFileName } from '@patchbay/core/files'
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
  /** How many more files there were than go at once. */
  readonly leftOut: number
}

/** Where each file, and a text that has become one, is in the cache. */
const places = new WeakMap<File, string>()

/** Whatever is older is deleted unread, in milliseconds. */
const KEPT_MS = 3_600_000

/** @returns what the service worker has kept, or `undefined` if there is nothing. */
export async function readShared(): Promise<Shared | undefined> {
  if (!('caches' in globalThis) || !(await caches.has(SHARED))) return undefined
  const cache = await caches.open(SHARED)
  const requests = await cache.keys()
  const pathOf = ({ url }: Request) => new URL(url).pathname
  const first = requests.find((request) => pathOf(request) === TEXT_PATH)
  const told = first && (await cache.match(first))
  const isFresh = Date.now() - Number(told?.headers.get('shared-at')) < KEPT_MS
  const files: File[] = []
  let text = ''
  let leftOut = 0
  for (const request of isFresh ? requests : []) {
    const kept = await cache.match(request)
    if (kept === undefined) continue
    const pathname = pathOf(request)
    if (pathname === TEXT_PATH) {
      text = await kept.text()
      leftOut = Number(kept.headers.get('left-out'))
    } else {
      // Any site can share files with the page, and their names are shown before they are sent.
      const name = cleanFileName(decodeURIComponent(kept.headers.get('shared-name') ?? ''))
      const file = new File([await kept.blob()], name, { type: kept.headers.get('content-type') ?? '' })
      places.set(file, pathname)
      files.push(file)
    }
  }
  if (text !== '' && !isChatText(text)) {
    const file = new File([text], 'text.txt', { type: 'text/plain' })
    places.set(file, TEXT_PATH)
    files.push(file)
    text = ''
  }
  if (files.length > 0 || text !== '') return { files, text, leftOut }
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

/**
 * Sends it, the text first, and deletes what was sent: a page that is loaded anew does not send it again.
 * @returns what became of the text, and what is left to be sent; `undefined`: nothing.
 */
export async function sendShared<O extends string>(
  shared: Shared,
  { say, offer }: SharedWays<O | 'sent'>,
): Promise<{ readonly outcome: O | 'sent'; readonly left: Shared | undefined }> {
  const outcome = shared.text === '' ? 'sent' : say(shared.text)
  if (outcome !== 'sent') return { outcome, left: shared }
  const said = { ...shared, text: '' }
  await keepOnly(said)
  const left = { ...said, files: await offer(shared.files) }
  await keepOnly(left)
  return { outcome, left: left.files.length === 0 ? undefined : left }
}

/** Deletes all but what is left to be sent. */
async function keepOnly({ text, files }: Shared): Promise<void> {
  const left = new Set(files.map((file) => places.get(file)))
  try {
    const cache = await caches.open(SHARED)
    for (const request of await cache.keys()) {
      const { pathname } = new URL(request.url)
      if (left.has(pathname) || (pathname === TEXT_PATH && text !== '')) continue
      const kept = await cache.match(request)
      // The age of all is with the text.
      if (pathname === TEXT_PATH && kept !== undefined) await cache.put(request, new Response('', kept))
      else await cache.delete(request)
    }
  } catch {
    // It is sent all the same.
  }
}

/** What was shared was sent, or is not wanted. */
export async function forgetShared(): Promise<void> {
  await caches.delete(SHARED)
}
