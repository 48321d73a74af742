'use client'
import { useTranslations } from 'next-intl'
import {
  cloneElement,
  type ComponentProps,
  type ComponentType,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  useState,
} from 'react'
import { popupCode, type Popups } from '@/lib/popups'
import type { PopupProps } from './popup-props'

/** The popups, by name; what is left of their properties when the button has given its own. */
type Popup = keyof Popups
type Given<K extends Popup> = Omit<ComponentProps<Popups[K]>, keyof PopupProps>

/**
 * A button that opens a popup. The code of popups is a third of what a page would load, so it is fetched when a button is
 * hovered, focused or pressed for the first time. A trigger with `aria-disabled` keeps the focus and opens nothing.
 */
export function PopupButton<K extends Popup>(props: {
  readonly trigger: ReactElement<ComponentProps<'button'>>
  /** Content of the button. */
  readonly label: ReactNode
  readonly popup: K
  readonly given: Given<K>
}): ReactNode {
  const t = useTranslations('App')
  const { popup, trigger } = props
  const popups = popupCode.useLoaded()
  const [button, setButton] = useState<HTMLButtonElement | null>(null)
  const [open, setOpen] = useState(false)
  const [failed, setFailed] = useState(false)
  const isMenu = popup === 'MenuPopup'
  const isOff = trigger.props['aria-disabled'] === true

  const show = () => {
    setOpen(true)
    setFailed(false)
    popupCode.load().catch(() => {
      setOpen(false)
      setFailed(true)
    })
  }
  const ahead = () => void popupCode.load().catch(() => {})
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isMenu || isOff || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return
    event.preventDefault()
    show()
  }
  const onOpenChange: PopupProps['onOpenChange'] = (next, { event }) => {
    // A press of the button is outside the popup; the button's own handler closes it.
    const targets = [event.target, 'relatedTarget' in event ? event.relatedTarget : null]
    if (targets.some((target) => target instanceof Node && button?.contains(target) === true)) return
    setOpen(next)
  }
  const Content = popups?.[popup] as ComponentType<PopupProps & Given<K>> | undefined
  return (
    <>
      {cloneElement(
        trigger,
        {
          ref: setButton,
          'aria-haspopup': isMenu ? 'menu' : 'dialog',
          'aria-expanded': open,
          'aria-busy': trigger.props['aria-busy'] === true || (open && popups === undefined),
          ...(open && { 'data-popup-open': '' }),
          onPointerEnter: ahead,
          onFocus: ahead,
          onClick: () => (open || isOff ? setOpen(false) : show()),
          onKeyDown,
        },
        props.label,
      )}
      {failed && (
        <span role="alert" className="text-xs text-bad">
          {t('popupFailed')}
        </span>
      )}
      {Content !== undefined && <Content {...props.given} open={open} onOpenChange={onOpenChange} button={button} />}
    </>
  )
}
