import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Mark } from './brand'
import { buttonClass } from './ui/button'

/** A page with a single message: why there is no room here, and what to do. */
export function FullPage(props: {
  readonly title: string
  readonly text?: string
  /** Actions shown before the link to the start page. */
  readonly action?: ReactNode
  /** What stands between the text and the actions. */
  readonly children?: ReactNode
}): ReactNode {
  const t = useTranslations('App')
  return (
    <main className="grid min-h-dvh place-content-center justify-items-center gap-4 p-6 text-center">
      <Mark className="size-12 text-brass" />
      <div role="alert" className="grid gap-2">
        <h1 className="text-2xl font-semibold tracking-tight">{props.title}</h1>
        {props.text !== undefined && <p className="max-w-md leading-relaxed text-pretty text-soft">{props.text}</p>}
      </div>
      {props.children}
      <div className="flex flex-wrap justify-center gap-3">
        {props.action}
        <Link href="/" className={buttonClass({ look: 'plain' })}>
          {t('backHome')}
        </Link>
      </div>
    </main>
  )
}
