import type { ReactNode } from 'react'
import { colorOf, initialOf } from '@/lib/person-look'

/** A person without video: the first letter of their name on a personal color. @param props.className its size, and that of the letter. */
export function Avatar({
  name,
  seed,
  className = 'size-9 text-base',
}: {
  readonly name: string
  readonly seed: string
  readonly className?: string
}): ReactNode {
  return (
    <span
      aria-hidden
      style={{ backgroundColor: colorOf(seed) }}
      className={`grid shrink-0 place-items-center rounded-full font-semibold text-white ${className}`}
    >
      {initialOf(name)}
    </span>
  )
}
