/** Files are no longer dragged over the page when nothing tells of it for this long: browsers tell at least every 550 ms. */
const QUIET_MS = 1_000
/** After a leave that may be one from element to element: Safari does not say to which. Then another event follows at once. */
const LEFT_MS = 100

/**
 * Watches for files that are dragged over a page and dropped on it. What is under the pointer may go away in the meantime,
 * without an event: enters and leaves do not add up.
 * @param onOver called with whether there are any over it. @returns a function that ends it.
 */
export function watchFileDrag(
  page: EventTarget,
  onOver: (isOver: boolean) => void,
  onDrop: (files: readonly File[]) => void,
): () => void {
  let quiet: ReturnType<typeof setTimeout> | undefined
  const end = () => {
    clearTimeout(quiet)
    onOver(false)
  }
  const endAfter = (ms: number) => {
    clearTimeout(quiet)
    quiet = setTimeout(end, ms)
  }
  const over = (event: Event) => {
    if (!carriesFiles(event)) return
    event.preventDefault()
    endAfter(QUIET_MS)
    onOver(true)
  }
  // Another element of the page is entered, or the page is left.
  const leave = (event: Event) => (event as DragEvent).relatedTarget === null && endAfter(LEFT_MS)
  const drop = (event: Event) => {
    if (!carriesFiles(event)) return
    event.preventDefault()
    end()
    onDrop([...(event.dataTransfer?.files ?? [])])
  }
  const listeners = { dragenter: over, dragover: over, dragleave: leave, drop }
  for (const [type, listener] of Object.entries(listeners)) page.addEventListener(type, listener)
  return () => {
    clearTimeout(quiet)
    for (const [type, listener] of Object.entries(listeners)) page.removeEventListener(type, listener)
  }
}

function carriesFiles(event: Event): event is DragEvent {
  return (event as DragEvent).dataTransfer?.types.includes('Files') === true
}
