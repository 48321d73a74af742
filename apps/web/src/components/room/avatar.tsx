import type { ReactNode } from 'react'
import { twMerge } from 'tailwind-merge'
import { colorOf, initialOf } from '@/lib/person-look'

/** A person without video: the first letter of their name on a personal color. */
export function Avatar({
  name,
  seed,
  className,
}: {
  readonly name: string
  readonly seed: string
  readonly className?: string
}): ReactNode {
  return (
    <span
      aria-hidden
      style={{ backgroundColor: colorOf(seed) }}
      className={twMerge(
        'grid size-9 shrink-0 place-items-center rounded-full text-base font-semibold text-white',
        className,
      )}
    >
      {initialOf(name)}
    </span>
  )
}
