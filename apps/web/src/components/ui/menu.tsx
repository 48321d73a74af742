'use client'
import type { ComponentProps, ReactElement, ReactNode } from 'react'
import { PopupButton } from './popup-button'
import type { MenuContent } from './popup-props'

/** A button that opens a menu. */
export function MenuButton<V extends string>(
  props: MenuContent<V> & {
    readonly trigger: ReactElement<ComponentProps<'button'>>
    /** Content of the button. */
    readonly children: ReactNode
  },
): ReactNode {
  const { trigger, children, ...content } = props
  return (
    <PopupButton
      popup="MenuPopup"
      // A menu gives back only the values it was given.
      given={{ content: content as unknown as MenuContent }}
      trigger={trigger}
      label={children}
    />
  )
}
