import { useEffect, useEffectEvent } from 'react'

/**
 * Keeps the focus near what has it inside of an area when that goes from the page, as browsers do not: on the closest element
 * around it that can have the focus, or on the first menu of the closest `data-focus-group`.
 * @param fallback where it goes when neither is left.
 */
export function useKeptFocus(area: HTMLElement | null, fallback: () => HTMLElement | null): void {
  const last = useEffectEvent(fallback)
  useEffect(() => {
    if (area === null) return undefined
    /** What has the focus, and what is around it, from the inside to the outside. */
    let path: readonly Element[] = []
    const note = ({ target }: FocusEvent) => {
      path = []
      if (!(target instanceof Element) || !area.contains(target)) return
      for (let at: Element | null = target; at !== null && at !== area; at = at.parentElement) path = [...path, at]
    }
    // Whoever presses elsewhere has left it.
    const forget = () => (path = [])
    const observer = new MutationObserver(() => {
      const [had, ...around] = path
      if (had === undefined || had.isConnected || document.activeElement !== document.body) return
      forget()
      const left = around.filter((element) => element.isConnected).map(placeIn)
      const place = left.find((element) => element !== undefined) ?? last()
      place?.focus({ preventScroll: true })
    })
    observer.observe(area, { childList: true, subtree: true })
    document.addEventListener('focusin', note)
    document.addEventListener('pointerdown', forget, true)
    return () => {
      observer.disconnect()
      document.removeEventListener('focusin', note)
      document.removeEventListener('pointerdown', forget, true)
    }
  }, [area])
}

function placeIn(element: Element): HTMLElement | undefined {
  if (element instanceof HTMLElement && element.hasAttribute('tabindex')) return element
  if (!element.hasAttribute('data-focus-group')) return undefined
  const menus = [...element.querySelectorAll<HTMLElement>('[aria-haspopup=menu]')]
  return menus.find((menu) => menu.checkVisibility())
}
