'use client'
import type { ComponentProps, ReactElement, ReactNode } from 'react'
import { PopupButton } from './popup-button'

/** A button that opens a dialog. Its content is mounted only while it is open. */
export function DialogButton(props: {
  readonly trigger: ReactElement<ComponentProps<'button'>>
  /** Content of the button. */
  readonly label: ReactNode
  readonly title: string
  /** Wider than a column of text. */
  readonly isWide?: boolean
  readonly children: ReactNode
}): ReactNode {
  const { trigger, label, ...given } = props
  return <PopupButton popup="DialogPopup" given={given} trigger={trigger} label={label} />
}
