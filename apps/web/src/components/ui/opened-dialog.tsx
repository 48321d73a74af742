'use client'
import { type ReactNode, useEffect } from 'react'
import { popupCode } from '@/lib/popups'
import { leaveFullScreen } from '@/lib/use-full-screen'

/** A dialog that is opened by something other than a button of its own, such as a key. */
export function OpenedDialog(props: {
  readonly open: boolean
  readonly onClose: () => void
  /** Where the focus goes then; by default to what had it before. */
  readonly opener: HTMLElement | null
  readonly title: string
  readonly children: ReactNode
}): ReactNode {
  const { open, onClose, opener, title, children } = props
  const popups = popupCode.useLoaded()
  useEffect(() => {
    if (!open) return
    leaveFullScreen()
    // Without its code there is no dialog; the key can be pressed again.
    popupCode.load().catch(onClose)
  }, [open, onClose])
  if (popups === undefined) return null
  return (
    <popups.DialogPopup open={open} onOpenChange={(isOpen) => !isOpen && onClose()} button={opener} title={title}>
      {children}
    </popups.DialogPopup>
  )
}
