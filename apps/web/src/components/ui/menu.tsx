'use client'
import type { ComponentProps, ReactElement, ReactNode } from 'react'
import { PopupButton } from './popup-button'

/** One choice of a menu. */
export interface Choice<V extends string> {
  readonly value: V
  readonly label: string
  /** Language of the label, if it differs from the page's. */
  readonly lang?: string
}

/** What a menu offers. */
export interface MenuContent<V extends string = string> {
  readonly title: string
  /** Choices, one of which is selected. */
  readonly choices?: readonly Choice<V>[]
  readonly value?: V | undefined
  readonly onChoose?: (value: V) => void
  /** Shown when there are no choices. */
  readonly empty?: string
  /** Actions, below the choices. */
  readonly actions?: readonly { readonly key: string; readonly label: ReactNode; readonly act: () => void }[]
  /** A sentence at the end. */
  readonly note?: string
  /** Where it opens; below by default. */
  readonly side?: 'top' | 'bottom'
}

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
