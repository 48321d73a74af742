import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

const tones = {
  waiting: { line: 'bg-brass-wash', icon: 'text-brass animate-spin motion-reduce:animate-none' },
  bad: { line: 'bg-bad-wash text-bad', icon: '' },
}

/** A status line across the room. Always mounted, so that screen readers announce changes. */
export function Banner(props: {
  readonly testId: string
  readonly tone: keyof typeof tones
  readonly icon: LucideIcon
  /** Without it, nothing is shown. */
  readonly children: ReactNode | undefined
  /** Said to screen readers when there is nothing to show any more: what goes is not said. */
  readonly ending?: string | undefined
}): ReactNode {
  const { testId, tone, icon: Icon, children, ending } = props
  return (
    <div role={tone === 'bad' ? 'alert' : 'status'}>
      <div data-testid={testId}>
        {children !== undefined && (
          <p
            className={`flex items-center justify-center gap-2.5 px-4 py-2 text-center text-sm text-pretty ${tones[tone].line}`}
          >
            <Icon className={`size-4 shrink-0 ${tones[tone].icon}`} aria-hidden />
            <span>{children}</span>
          </p>
        )}
      </div>
      {children === undefined && ending !== undefined && <p className="sr-only">{ending}</p>}
    </div>
  )
}
