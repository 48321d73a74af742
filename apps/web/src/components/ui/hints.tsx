'use client'
import { Tooltip } from '@base-ui/react/tooltip'
import { type ReactNode, useEffect, useState } from 'react'

/** How long the pointer has to rest on a control, and may be away from it, in milliseconds. */
const REST_MS = 400
const GRACE_MS = 150

/**
 * Shows the `data-hint` of a control in a tooltip while the pointer is on it, or the keyboard's focus. What a screen reader says is
 * the control's own label.
 */
export function Hints(): ReactNode {
  const [anchor, setAnchor] = useState<HTMLElement>()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const setAfter = (ms: number, next: HTMLElement | undefined) => {
      clearTimeout(timer)
      timer = setTimeout(() => setAnchor(next), ms)
    }
    const hide = () => setAfter(0, undefined)
    const over = ({ target, pointerType }: PointerEvent) => {
      if (pointerType === 'touch' || !(target instanceof Element)) return
      // The tooltip itself may be read with a magnifier (WCAG 1.4.13).
      if (target.closest('[data-hint-text]') !== null) return clearTimeout(timer)
      const control = target.closest<HTMLElement>('[data-hint]')
      setAfter(control === null ? GRACE_MS : REST_MS, control ?? undefined)
    }
    const focus = ({ target }: FocusEvent) => {
      if (target instanceof HTMLElement && target.matches('[data-hint]:focus-visible')) setAfter(0, target)
    }
    const key = ({ key: pressed }: KeyboardEvent) => {
      if (pressed === 'Escape') hide()
    }
    const listening = new AbortController()
    const { signal } = listening
    document.addEventListener('pointerover', over, { signal })
    document.addEventListener('pointerdown', hide, { signal, capture: true })
    document.addEventListener('focusin', focus, { signal })
    document.addEventListener('focusout', hide, { signal })
    document.addEventListener('keydown', key, { signal, capture: true })
    return () => {
      clearTimeout(timer)
      listening.abort()
    }
  }, [])
  return (
    <Tooltip.Root open={anchor?.isConnected === true}>
      <Tooltip.Portal>
        <Tooltip.Positioner anchor={anchor} sideOffset={8} className="z-40">
          <Tooltip.Popup
            data-hint-text
            className="rounded-lg bg-ink px-2.5 py-1.5 text-xs font-medium text-ground shadow-md"
          >
            {anchor?.dataset.hint}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}
