import { floatingIn, floatingWindow } from './floating'
import { followFocus } from './pointer-focus'

/** Size of the window when it is opened for the first time, in CSS pixels. */
const SIZE = { width: 384, height: 320 }

/** The part of Document Picture-in-Picture §4 that is used. */
interface DocumentPictureInPicture {
  /** Rejects unless the person has just pressed something. */
  requestWindow(size: { readonly width: number; readonly height: number }): Promise<Window>
}

/**
 * Has the call float, or brings it back; to be called when the person has pressed something.
 * @param isHere whether the room is still there that is to float: the browser may take its time.
 * @throws {Error} if the browser does not open a window, or there is no picture that could float.
 */
export async function toggleFloating(isHere: () => boolean): Promise<void> {
  const open = floatingWindow.getSnapshot()
  if (open !== undefined) return open.close()
  if (floatingIn(window) !== 'window') return togglePicture()
  const { documentPictureInPicture } = window as unknown as { documentPictureInPicture: DocumentPictureInPicture }
  const made = await documentPictureInPicture.requestWindow(SIZE)
  if (!isHere()) return made.close()
  const undress = dress(made)
  made.addEventListener('pagehide', () => {
    undress()
    floatingWindow.set(undefined)
  })
  const isByPointer = followFocus(made)
  for (const type of ['keydown', 'keyup'] as const) made.addEventListener(type, (event) => passOn(event, isByPointer()))
  // A key that is let go elsewhere is not seen here: whoever holds one to talk is muted then.
  made.addEventListener('blur', () => window.dispatchEvent(new Event('blur')))
  floatingWindow.set(made)
}

/** Lets the largest picture of the stage float. */
async function togglePicture(): Promise<void> {
  if (document.pictureInPictureElement !== null) return document.exitPictureInPicture()
  const area = (video: HTMLVideoElement) => video.clientWidth * video.clientHeight
  const [largest] = [...document.querySelectorAll<HTMLVideoElement>('figure video')]
    .filter((video) => video.videoWidth > 0 && video.checkVisibility({ visibilityProperty: true }))
    .toSorted((a, b) => area(b) - area(a))
  if (largest === undefined) throw new Error('no picture is shown')
  await largest.requestPictureInPicture()
}

/** Gives a window the page's styles, its theme, now and when that changes, and its language. @returns a function that stops. */
function dress({ document: theirs }: Window): () => void {
  const [from, to] = [document.documentElement, theirs.documentElement]
  for (const sheet of document.querySelectorAll('link[rel=stylesheet], style'))
    theirs.head.append(theirs.importNode(sheet, true))
  theirs.title = document.title
  theirs.body.className = document.body.className
  const copy = () => {
    to.lang = from.lang
    to.dir = from.dir
    to.className = from.className
    to.style.cssText = from.style.cssText
  }
  copy()
  const observer = new MutationObserver(copy)
  observer.observe(from, { attributes: true })
  return () => observer.disconnect()
}

/** Keys do in the window what they do on the page. */
function passOn(event: KeyboardEvent, isByPointer: boolean): void {
  const { type, key, code, shiftKey, ctrlKey, altKey, metaKey, repeat, target } = event
  // Elements of another window are not instances of this one's classes. A button that has the focus takes the space bar itself.
  if (key === ' ' && !isByPointer && (target as Element | null)?.matches?.('button') === true) return
  const init = { key, code, shiftKey, ctrlKey, altKey, metaKey, repeat, cancelable: true }
  if (!window.dispatchEvent(new KeyboardEvent(type, init))) event.preventDefault()
}
