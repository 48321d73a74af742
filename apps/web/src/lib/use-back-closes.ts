import { useEffect, useEffectEvent } from 'react'
import { countMoves, isSteppingBack, stepBack } from './step-back'

/** In the state of the entry of the history that an open dialog or menu adds. */
const MARK = 'patchbayDialog'
/** What closes the dialogs and menus that are open. */
const open = new Set<() => void>()
/** The entry that was added, as long as the page has not gone to another. */
let added: { readonly href: string; readonly moves: number } | undefined

/**
 * Hook. Going back closes an open dialog or menu instead of leaving the page: while one is open, the history has one more entry
 * with the same address. One that is closed otherwise takes its entry away.
 */
export function useBackCloses(isOpen: boolean, close: () => void): void {
  const onBack = useEffectEvent(close)
  useEffect(() => {
    if (!isOpen) return undefined
    const closeThis = () => onBack()
    open.add(closeThis)
    addEventListener('popstate', onPop)
    if (!isSteppingBack()) mark()
    return () => {
      open.delete(closeThis)
      // A dialog may open in place of a menu or of another dialog, and uses the same entry.
      queueMicrotask(unmark)
    }
  }, [isOpen])
  useEffect(() => {
    if (isOpen) markAgain()
  })
}

function onPop(): void {
  if (!isMarked()) for (const close of open) close()
}

function isMarked(): boolean {
  return (history.state as Record<string, unknown> | null)?.[MARK] === true
}

function mark(): void {
  // The rest of the state belongs to the router, which would load the page anew without it.
  if (isMarked()) return
  history.pushState({ ...(history.state as object | null), [MARK]: true }, '')
  added = { href: location.href, moves: countMoves() }
}

/** The router replaces the state of an entry whose page it renders anew, as for another language. */
function markAgain(): void {
  const isThere = added?.href === location.href && added.moves === countMoves()
  if (isThere && !isMarked() && !isSteppingBack())
    history.replaceState({ ...(history.state as object | null), [MARK]: true }, '')
}

function unmark(): void {
  if (open.size > 0 || isSteppingBack() || !isMarked()) return
  stepBack(() => {
    // What has been opened since needs an entry of its own.
    if (open.size > 0) mark()
  })
}
