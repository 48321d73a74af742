/** What a page tells a room that is open in it. */
export interface PageEvents {
  /** The network is back. */
  readonly online: () => void
  /** The page is shown again. */
  readonly shown: () => void
  /** The page is going away: the last event in which it can still send anything. */
  readonly leaving: () => void
}

/** @returns a function that stops watching. Does nothing where there is no page. */
export function watchPage({ online, shown, leaving }: PageEvents): () => void {
  if (typeof window === 'undefined') return () => {}
  const changed = () => document.visibilityState === 'visible' && shown()
  window.addEventListener('online', online)
  window.addEventListener('pagehide', leaving)
  document.addEventListener('visibilitychange', changed)
  return () => {
    window.removeEventListener('online', online)
    window.removeEventListener('pagehide', leaving)
    document.removeEventListener('visibilitychange', changed)
  }
}
