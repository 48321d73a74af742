import { useEffect } from 'react'

/** Shows `title` on the page's tab, also when the framework sets its own later. */
export function useDocumentTitle(title: string): void {
  useEffect(() => {
    const set = () => {
      if (document.title !== title) document.title = title
    }
    set()
    const observer = new MutationObserver(set)
    observer.observe(document.head, { childList: true, subtree: true, characterData: true })
    return () => observer.disconnect()
  }, [title])
}
