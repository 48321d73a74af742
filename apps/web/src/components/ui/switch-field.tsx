'use client'
import { Switch } from '@base-ui/react/switch'
import type { ReactNode, RefObject } from 'react'

/** A labelled switch with a hint. */
export function SwitchField(props: {
  readonly label: string
  readonly hint: string
  readonly isOn: boolean
  readonly onTurn: (isOn: boolean) => void
  readonly disabled?: boolean
  readonly switchRef?: RefObject<HTMLElement | null>
}): ReactNode {
  const { label, hint, isOn, onTurn, disabled = false, switchRef } = props
  return (
    <label className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1">
      <span className="text-sm font-medium">{label}</span>
      <Switch.Root
        ref={switchRef}
        checked={isOn}
        onCheckedChange={onTurn}
        disabled={disabled}
        className="flex h-6 w-11 rounded-full border border-edge bg-sunken p-0.5 data-checked:border-brass data-checked:bg-brass data-disabled:opacity-50"
      >
        <Switch.Thumb className="size-4.5 rounded-full bg-edge transition-transform data-checked:translate-x-5 data-checked:bg-on-brass rtl:data-checked:-translate-x-5 motion-reduce:transition-none" />
      </Switch.Root>
      <span className="text-xs leading-relaxed text-soft">{hint}</span>
    </label>
  )
}
