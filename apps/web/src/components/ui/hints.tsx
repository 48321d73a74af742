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
  const [text, setText] = useState('')
  useEffect(() => watchControls(setAnchor), [])
  useEffect(() => {
    if (anchor === undefined) return undefined
    const read = () => setText(anchor.dataset.hint ?? '')
    read()
    // What a control does may change while its hint is shown.
    const observer = new MutationObserver(read)
    observer.observe(anchor, { attributeFilter: ['data-hint'] })
    return () => observer.disconnect()
  }, [anchor])
  return (
    <Tooltip.Root open={anchor?.isConnected === true && text !== ''}>
      <Tooltip.Portal>
        <Tooltip.Positioner anchor={anchor} sideOffset={8} className="z-40">
          <Tooltip.Popup
            data-hint-text
            className="rounded-lg bg-ink px-2.5 py-1.5 text-xs font-medium text-ground shadow-md"
          >
            {text}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}

/** Says which control's hint is to be shown, as the pointer and the focus go (WCAG 1.4.13). @returns what ends that. */
function watchControls(show: (control: HTMLElement | undefined) => void): () => void {
  let shown: HTMLElement | undefined
  /** It was pressed, and the pointer has not left it since. */
  let pressed: HTMLElement | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const change = (next: HTMLElement | undefined) => {
    clearTimeout(timer)
    shown = next
    show(next)
  }
  const changeAfter = (ms: number, next: HTMLElement | undefined) => {
    clearTimeout(timer)
    timer = setTimeout(() => change(next), ms)
  }
  const hide = () => change(undefined)
  const isFocused = () => shown?.matches(':focus-visible') === true
  const over = ({ target, pointerType }: PointerEvent) => {
    if (pointerType === 'touch' || !(target instanceof Element)) return
    // The hint itself may be read with a magnifier.
    if (target.closest('[data-hint-text]') !== null) return clearTimeout(timer)
    const control = target.closest<HTMLElement>('[data-hint]') ?? undefined
    // What is drawn anew under the pointer is not a reason to show it again.
    if (control !== undefined && control === pressed) return
    pressed = undefined
    // What the focus shows stays, wherever the pointer is.
    if (isFocused()) return
    changeAfter(control === undefined ? GRACE_MS : shown === undefined ? REST_MS : 0, control)
  }
  const leave = ({ relatedTarget }: PointerEvent) => relatedTarget === null && !isFocused() && hide()
  const down = ({ target }: Event) => {
    pressed = (target instanceof Element && target.closest<HTMLElement>('[data-hint]')) || undefined
    hide()
  }
  const focus = ({ target }: FocusEvent) => {
    if (target instanceof HTMLElement && target.matches('[data-hint]:focus-visible')) change(target)
  }
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || shown?.isConnected !== true) return
    // In a dialog, the first press is for the hint alone.
    if (shown.closest('[role=dialog]') !== null) event.stopPropagation()
    hide()
  }
  const listening = new AbortController()
  const { signal } = listening
  document.addEventListener('pointerover', over, { signal })
  document.addEventListener('pointerout', leave, { signal })
  for (const event of ['pointerdown', 'click'] as const)
    document.addEventListener(event, down, { signal, capture: true })
  document.addEventListener('focusin', focus, { signal })
  document.addEventListener('focusout', hide, { signal })
  document.addEventListener('keydown', press, { signal, capture: true })
  return () => {
    clearTimeout(timer)
    listening.abort()
  }
}
