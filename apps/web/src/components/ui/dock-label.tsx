import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

/** The name of a button that has less on it: with what is on it, so that it can be called by voice (WCAG 2.5.3). */
export const nameFor = (label: string, name: string): string =>
  name.toLowerCase().includes(label.toLowerCase()) ? name : `${label}: ${name}`

/** A button of the dock: its icon above its label. */
export const dockButton = 'sm:h-14 sm:flex-col sm:gap-0.5 sm:px-2.5 sm:text-xs short:h-12'

/**
 * Icon and label of a button of the dock. The button is as wide as the longest label that it ever has, so that nothing moves
 * under the pointer when a label changes.
 */
export function DockLabel(props: {
  readonly icon: LucideIcon
  readonly spins?: boolean
  readonly label: string
  readonly labels?: readonly string[]
}): ReactNode {
  const { icon: Icon, spins = false, label, labels = [label] } = props
  return (
    <>
      <Icon className={`size-5 ${spins ? 'animate-spin motion-reduce:animate-none' : ''}`} aria-hidden />
      <span className="grid max-sm:hidden short:hidden">
        {labels.map((one) => (
          <span key={one} className={`col-start-1 row-start-1 ${one === label ? '' : 'invisible'}`}>
            {one}
          </span>
        ))}
      </span>
    </>
  )
}
