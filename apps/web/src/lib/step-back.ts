/** What follows the step back that this page takes itself; its event comes later. */
let arrive: (() => void) | undefined

let moves = 0

/** How often this page has gone from one entry of its history to another. */
export const countMoves = (): number => moves

/** Whether the page is on its way back over an entry of its own. */
export const isSteppingBack = (): boolean => arrive !== undefined

/** Goes back over an entry of the same page, unseen by the router. @param then is called there. */
export function stepBack(then: () => void): void {
  arrive = then
  history.back()
}

function onPop(event: PopStateEvent): void {
  moves += 1
  const then = arrive
  if (then === undefined) return
  arrive = undefined
  // The router would show the page of this entry, which is shown already, and drop the one that it is on the way to.
  event.stopImmediatePropagation()
  then()
}

// Before the page is hydrated, and so before the router listens: Chromium calls listeners of the window in that order, even
// those that capture.
if (typeof window !== 'undefined') addEventListener('popstate', onPop, { capture: true })
