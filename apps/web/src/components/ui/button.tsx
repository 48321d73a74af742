import type { ComponentProps, ReactNode } from 'react'

/** Appearance of a button. */
export interface ButtonLook {
  readonly look?: 'primary' | 'plain' | 'ghost' | 'danger' | 'off'
  readonly size?: 'medium' | 'large' | 'icon' | 'dock'
}

/**
 * Classes of a button, for links and menu triggers that look like one: `globals.css` has them.
 * @param extra utilities, which go before them.
 */
export function buttonClass({ look = 'plain', size = 'medium' }: ButtonLook, extra = ''): string {
  return `button button-${look} button-${size} ${extra}`
}

/** A button; `type` defaults to `button`. @param isBusy it does nothing for now, but keeps the focus, unlike one that is disabled. */
export function Button(props: ComponentProps<'button'> & ButtonLook & { readonly isBusy?: boolean }): ReactNode {
  const { look, size, className, isBusy = false, ...rest } = props
  const how = { ...(look !== undefined && { look }), ...(size !== undefined && { size }) }
  const busy = isBusy && ({ 'aria-busy': true, 'aria-disabled': true, onClick: undefined } as const)
  return <button type="button" {...rest} {...busy} className={buttonClass(how, className)} />
}
