'use client'
import type { ReactNode } from 'react'
import { useEffect } from 'react'
import { popupCode } from '@/lib/popups'

/** A dialog that is opened by something other than a button of its own, such as a key. */
export function OpenedDialog(props: {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  readonly children: ReactNode
}): ReactNode {
  const { open, onClose, title, children } = props
  const popups = popupCode.useLoaded()
  useEffect(() => {
    // Without its code there is no dialog; the key can be pressed again.
    if (open) popupCode.load().catch(onClose)
  }, [open, onClose])
  if (popups === undefined) return null
  return (
    <popups.DialogPopup open={open} onOpenChange={(isOpen) => !isOpen && onClose()} button={null} title={title}>
      {children}
    </popups.DialogPopup>
  )
}
