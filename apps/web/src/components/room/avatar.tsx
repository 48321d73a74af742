import type { ReactNode } from 'react'
import { twMerge } from 'tailwind-merge'

const colors = ['#9a3b12', '#8a5a00', '#3f6212', '#0f6b5c', '#1d5f8a', '#4a4aa8', '#7a3a8c', '#9b2c5a']

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
  const sum = [...seed].reduce((total, letter) => (total * 31 + (letter.codePointAt(0) ?? 0)) % 9973, 7)
  const [first = '?'] = name
  return (
    <span
      aria-hidden
      style={{ backgroundColor: colors[sum % colors.length] }}
      className={twMerge(
        'grid size-9 shrink-0 place-items-center rounded-full text-base font-semibold text-white',
        className,
      )}
    >
      {first.toLocaleUpperCase()}
    </span>
  )
}
