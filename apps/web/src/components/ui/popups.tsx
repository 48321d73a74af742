'use client'
import { Dialog } from '@base-ui/react/dialog'
import { Menu } from '@base-ui/react/menu'
import { Popover } from '@base-ui/react/popover'
import { Check, X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type FocusEvent, type ReactNode, useRef } from 'react'
import { useBackCloses } from '@/lib/use-back-closes'
import { Button } from './button'
import type { MenuContent, PopupProps } from './popup-props'

const itemClass =
  'flex cursor-default items-center gap-2 rounded-lg px-2.5 py-2 -outline-offset-2 select-none data-highlighted:bg-sunken'

/** Whoever opens a menu by keyboard is at its first item; the pointer is at none. */
function enterByKeyboard({ target, currentTarget }: FocusEvent<HTMLElement>): void {
  if (target === currentTarget && target.matches(':focus-visible'))
    target.querySelector<HTMLElement>('[role^=menuitem]')?.focus()
}

function useBackClosesPopup({ open, onOpenChange }: PopupProps): void {
  useBackCloses(open, () => onOpenChange(false, { reason: 'back', event: new Event('popstate') }))
}

/** A menu of one selected choice, of actions, or of both. */
export function MenuPopup(props: PopupProps & { readonly content: MenuContent }): ReactNode {
  const { title, choices, value, onChoose, empty, actions, toggles, note, side } = props.content
  const focusAfter = useRef<() => HTMLElement | null | false>(undefined)
  useBackClosesPopup(props)
  return (
    <Menu.Root modal={false} open={props.open} onOpenChange={props.onOpenChange}>
      <Menu.Portal>
        <Menu.Positioner
          anchor={props.button}
          sideOffset={8}
          align={side === 'top' ? 'start' : 'end'}
          side={side ?? 'bottom'}
          className="z-30 outline-none"
        >
          <Menu.Popup
            aria-label={title}
            onFocus={enterByKeyboard}
            finalFocus={() => {
              const next = focusAfter.current?.()
              focusAfter.current = undefined
              return next ?? props.button
            }}
            className="max-h-[min(28rem,var(--available-height))] min-w-48 max-w-80 overflow-y-auto rounded-xl border border-line bg-panel p-1.5 text-sm text-ink shadow-lg outline-none transition data-ending-style:opacity-0 data-starting-style:opacity-0"
          >
            {toggles !== undefined && (
              <div className="flex gap-0.5 border-b border-line pb-1.5 mb-1.5">
                {toggles.map(({ key, label, face, isOn, act }) => (
                  <Menu.CheckboxItem
                    key={key}
                    checked={isOn}
                    onCheckedChange={act}
                    closeOnClick
                    aria-label={label}
                    className="grid size-9 cursor-default place-items-center rounded-lg text-lg -outline-offset-2 select-none data-checked:bg-brass-wash data-highlighted:bg-sunken"
                  >
                    {face}
                  </Menu.CheckboxItem>
                ))}
              </div>
            )}
            {choices !== undefined && (
              <Menu.RadioGroup value={value ?? ''} onValueChange={onChoose}>
                <Menu.GroupLabel className="px-2.5 pt-1 pb-1.5 text-xs font-medium text-soft">{title}</Menu.GroupLabel>
                {choices.map((choice) => (
                  <Menu.RadioItem
                    key={choice.value}
                    value={choice.value}
                    closeOnClick
                    className={itemClass}
                    lang={choice.lang}
                  >
                    <span className="size-4">
                      <Menu.RadioItemIndicator>
                        <Check className="size-4 text-brass" aria-hidden />
                      </Menu.RadioItemIndicator>
                    </span>
                    <span className="truncate">{choice.label}</span>
                  </Menu.RadioItem>
                ))}
              </Menu.RadioGroup>
            )}
            {choices?.length === 0 && empty !== undefined && <p className="px-2.5 py-1.5 text-soft">{empty}</p>}
            {choices !== undefined && actions !== undefined && <Menu.Separator className="my-1.5 h-px bg-line" />}
            {actions?.map(({ key, label, act, focusAfter: next }) => (
              <Menu.Item
                key={key}
                onClick={() => {
                  focusAfter.current = next
                  act()
                }}
                className={itemClass}
              >
                {choices !== undefined && <span className="size-4" />}
                <span className="truncate">{label}</span>
              </Menu.Item>
            ))}
            {note !== undefined && (
              <p className="mx-2.5 mt-1.5 border-t border-line pt-2 pb-1 text-xs leading-relaxed text-pretty text-soft">
                {note}
              </p>
            )}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}

/** A dialog: a sheet on a phone, a window elsewhere. Its content is mounted only while it is open. */
export function DialogPopup(
  props: PopupProps & { readonly title: string; readonly isWide?: boolean; readonly children: ReactNode },
): ReactNode {
  const t = useTranslations('App')
  useBackClosesPopup(props)
  return (
    <Dialog.Root open={props.open} onOpenChange={props.onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-30 bg-black/50 transition data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Dialog.Popup
          finalFocus={() => props.button ?? true}
          className={`fixed inset-x-0 bottom-0 z-30 mx-auto flex max-h-[85dvh] w-full flex-col rounded-t-3xl border border-line bg-panel text-ink shadow-xl outline-none transition data-ending-style:opacity-0 data-starting-style:opacity-0 sm:inset-y-0 sm:my-auto sm:h-fit sm:rounded-3xl ${props.isWide === true ? 'sm:w-fit sm:max-w-[90vw] sm:min-w-96' : 'max-w-lg'}`}
        >
          <div className="flex items-center justify-between gap-3 py-3 ps-6 pe-3">
            <Dialog.Title className="min-w-0 text-lg font-semibold wrap-anywhere">{props.title}</Dialog.Title>
            <Dialog.Close render={<Button look="ghost" size="icon" aria-label={t('close')} />}>
              <X className="size-5" aria-hidden />
            </Dialog.Close>
          </div>
          <div
            // May scroll, so it must be reachable by keyboard.
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
            tabIndex={0}
            role="group"
            aria-label={props.title}
            className="relative min-h-0 overflow-y-auto px-6 pb-6"
          >
            {props.children}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** A few sentences beside a button. */
export function NotePopup(
  props: PopupProps & { readonly title: string; readonly text: string; readonly more?: string | undefined },
): ReactNode {
  useBackClosesPopup(props)
  return (
    <Popover.Root open={props.open} onOpenChange={props.onOpenChange}>
      <Popover.Portal>
        <Popover.Positioner anchor={props.button} sideOffset={8} align="end" className="z-30">
          <Popover.Popup
            finalFocus={() => props.button}
            className="grid w-80 max-w-[calc(100vw-1.5rem)] gap-2 rounded-xl border border-line bg-panel p-4 text-sm text-ink shadow-lg outline-none"
          >
            <Popover.Title className="font-semibold">{props.title}</Popover.Title>
            <Popover.Description className="leading-relaxed text-pretty text-soft">{props.text}</Popover.Description>
            {props.more !== undefined && <p className="leading-relaxed text-pretty text-soft">{props.more}</p>}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
