import { Hand } from 'lucide-react'
import type { ReactNode } from 'react'

/** A hand that is up, beside a name. */
export function HandMark({ text }: { readonly text: string }): ReactNode {
  return (
    <>
      <Hand className="size-4 shrink-0 text-brass" aria-hidden />
      <span className="sr-only">{text}</span>
    </>
  )
}
