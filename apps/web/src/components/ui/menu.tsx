'use client'
import { Menu } from '@base-ui/react/menu'
import { Check } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'

/** One choice of a {@link ChoiceMenu}. */
export interface Choice<V extends string> {
  readonly value: V
  readonly label: string
  /** Language of the label, if it differs from the page's. */
  readonly lang?: string
}

/** A button that opens a menu with one selected choice. */
export function ChoiceMenu<V extends string>(props: {
  readonly trigger: ReactElement
  readonly children: ReactNode
  readonly title: string
  readonly choices: readonly Choice<V>[]
  readonly value: V | undefined
  readonly onChoose: (value: V) => void
  /** Shown when there are no choices. */
  readonly empty?: string
  /** Further items, below the choices. */
  readonly footer?: ReactNode
}): ReactNode {
  const { choices, value, onChoose, empty, footer } = props
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger render={props.trigger}>{props.children}</Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={8} align="end" className="z-30 outline-none">
          <Menu.Popup className="min-w-48 max-w-80 rounded-xl border border-line bg-panel p-1.5 text-sm text-ink shadow-lg outline-none transition data-ending-style:opacity-0 data-starting-style:opacity-0">
            <Menu.RadioGroup value={value ?? ''} onValueChange={onChoose}>
              <Menu.GroupLabel className="px-2.5 pt-1 pb-1.5 text-xs font-medium text-soft">
                {props.title}
              </Menu.GroupLabel>
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
            {choices.length === 0 && empty !== undefined && <p className="px-2.5 py-1.5 text-soft">{empty}</p>}
            {footer}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}

/** Classes of an item, for custom menus. */
export const itemClass: string =
  'flex cursor-default items-center gap-2 rounded-lg px-2.5 py-2 outline-none select-none data-highlighted:bg-sunken'

/** An action in a menu's footer. */
export function MenuAction({
  onClick,
  children,
}: {
  readonly onClick: () => void
  readonly children: ReactNode
}): ReactNode {
  return (
    <>
      <Menu.Separator className="my-1.5 h-px bg-line" />
      <Menu.Item onClick={onClick} className={itemClass}>
        <span className="size-4" />
        {children}
      </Menu.Item>
    </>
  )
}
