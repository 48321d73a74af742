'use client'
import { useTranslations } from 'next-intl'
import {
  cloneElement,
  type ComponentProps,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  useRef,
  useState,
} from 'react'
import { loadPopups, type Popups, usePopups } from '@/lib/popups'
import type { PopupProps } from './popups'

/**
 * A button that opens a popup. The code of popups is a third of what a page would load, so it is fetched when a button is
 * hovered, focused or pressed for the first time.
 */
export function PopupButton(props: {
  readonly trigger: ReactElement<ComponentProps<'button'>>
  /** Content of the button. */
  readonly label: ReactNode
  readonly kind: 'menu' | 'dialog'
  readonly popup: (popups: Popups, state: PopupProps) => ReactNode
}): ReactNode {
  const t = useTranslations('App')
  const { kind, trigger } = props
  const popups = usePopups()
  const button = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)
  const [failed, setFailed] = useState(false)

  const show = () => {
    setOpen(true)
    setFailed(false)
    loadPopups().catch(() => {
      setOpen(false)
      setFailed(true)
    })
  }
  const ahead = () => void loadPopups().catch(() => {})
  const onKeyDown = (event: KeyboardEvent) => {
    if (kind !== 'menu' || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return
    event.preventDefault()
    show()
  }
  const onOpenChange: PopupProps['onOpenChange'] = (next, { event }) => {
    // A press of the button is outside the popup; the button's own handler closes it.
    const targets = [event.target, 'relatedTarget' in event ? event.relatedTarget : null]
    if (targets.some((target) => target instanceof Node && button.current?.contains(target) === true)) return
    setOpen(next)
  }
  return (
    <>
      {cloneElement(
        trigger,
        {
          ref: button,
          'aria-haspopup': kind,
          'aria-expanded': open,
          'aria-busy': trigger.props['aria-busy'] === true || (open && popups === undefined),
          ...(open && { 'data-popup-open': '' }),
          onPointerEnter: ahead,
          onFocus: ahead,
          onClick: () => (open ? setOpen(false) : show()),
          onKeyDown,
        },
        props.label,
      )}
      {failed && (
        <span role="alert" className="text-xs text-bad">
          {t('popupFailed')}
        </span>
      )}
      {popups !== undefined && props.popup(popups, { open, onOpenChange, button })}
    </>
  )
}
