import type { ComponentProps, ReactNode } from 'react'
import { twMerge } from 'tailwind-merge'

const looks = {
  primary: 'bg-brass text-on-brass hover:brightness-110',
  plain: 'bg-panel text-ink border border-line hover:bg-sunken',
  ghost: 'text-ink hover:bg-sunken',
  danger: 'bg-[#b3261e] text-white hover:brightness-110',
  off: 'bg-bad-wash text-bad border border-bad/40 hover:brightness-95 dark:hover:brightness-125',
}

const sizes = {
  medium: 'h-10 px-4 gap-2 text-sm',
  large: 'h-12 px-6 gap-2.5 text-base',
  icon: 'size-10',
  dock: 'h-12 min-w-12 px-3.5 gap-2 text-sm max-[26rem]:min-w-10 max-[26rem]:px-2',
}

/** Appearance of a button. */
export interface ButtonLook {
  readonly look?: keyof typeof looks
  readonly size?: keyof typeof sizes
}

/** Classes of a button, for links and menu triggers that look like one. */
export function buttonClass({ look = 'plain', size = 'medium' }: ButtonLook, extra?: string): string {
  return twMerge(
    'inline-flex shrink-0 items-center justify-center rounded-xl font-medium whitespace-nowrap transition select-none',
    'disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50 data-popup-open:bg-sunken',
    looks[look],
    sizes[size],
    extra,
  )
}

/** A button; `type` defaults to `button`. @param isBusy it does nothing for now, but keeps the focus, unlike one that is disabled. */
export function Button(props: ComponentProps<'button'> & ButtonLook & { readonly isBusy?: boolean }): ReactNode {
  const { look, size, className, isBusy = false, ...rest } = props
  const how = { ...(look !== undefined && { look }), ...(size !== undefined && { size }) }
  const busy = isBusy && ({ 'aria-busy': true, 'aria-disabled': true, onClick: undefined } as const)
  return <button type="button" {...rest} {...busy} className={buttonClass(how, className)} />
}
