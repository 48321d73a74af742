'use client'
import { Dialog } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactElement, ReactNode } from 'react'
import { Button } from './button'

/** A button that opens a dialog. Its content is mounted only while it is open. */
export function DialogButton(props: {
  readonly trigger: ReactElement
  /** Content of the button. */
  readonly label: ReactNode
  readonly title: string
  readonly children: ReactNode
}): ReactNode {
  const t = useTranslations('App')
  return (
    <Dialog.Root>
      <Dialog.Trigger render={props.trigger}>{props.label}</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-30 bg-black/50 transition data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Dialog.Popup className="fixed inset-x-0 bottom-0 z-30 mx-auto flex max-h-[85dvh] w-full max-w-lg flex-col rounded-t-3xl border border-line bg-panel text-ink shadow-xl outline-none transition data-ending-style:opacity-0 data-starting-style:opacity-0 sm:inset-y-0 sm:my-auto sm:h-fit sm:rounded-3xl">
          <div className="flex items-center justify-between gap-3 py-3 pr-3 pl-6">
            <Dialog.Title className="text-lg font-semibold">{props.title}</Dialog.Title>
            <Dialog.Close render={<Button look="ghost" size="icon" aria-label={t('close')} />}>
              <X className="size-5" aria-hidden />
            </Dialog.Close>
          </div>
          {/* May scroll, so it must be reachable by keyboard. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <div tabIndex={0} role="group" aria-label={props.title} className="min-h-0 overflow-y-auto px-6 pb-6">
            {props.children}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
