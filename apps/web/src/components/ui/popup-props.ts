import type { ReactNode } from 'react'

/** A popup and the button that opens it. */
export interface PopupProps {
  readonly open: boolean
  readonly onOpenChange: (open: boolean, details: { readonly reason: string; readonly event: Event }) => void
  readonly button: HTMLElement | null
}

/** One choice of a menu. */
export interface Choice<V extends string> {
  readonly value: V
  readonly label: string
  /** Language of the label, if it differs from the page's. */
  readonly lang?: string
}

/** Something that a menu does. */
export interface MenuAction {
  readonly key: string
  readonly label: ReactNode
  readonly act: () => void
  /** Where the focus goes then, instead of back to the button; `false` leaves it to what opens. */
  readonly focusAfter?: () => HTMLElement | null | false
}

/** Something that a menu turns on or off. */
interface Toggle {
  readonly key: string
  readonly label: string
  readonly face: ReactNode
  readonly isOn: boolean
  readonly act: () => void
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
  readonly actions?: readonly MenuAction[]
  /** Small ones that are on or off, in a row at the top. */
  readonly toggles?: readonly Toggle[]
  /** A sentence at the end. */
  readonly note?: string
  /** Where it opens; below by default. */
  readonly side?: 'top' | 'bottom'
}
