'use client'
import { Check, CircleDashed, ClipboardCopy, LoaderCircle, X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useHydrated } from '@/lib/use-hydrated'
import { useLines } from '@/lib/use-lines'
import { Button } from '../ui/button'
import { type CheckState, type Outcome, runCheck, untried, verdictOf } from './run-check'
import { type CheckGroup, useCheckTexts } from './use-check-texts'

/** Tests everything a call needs, and reports the result in plain words. */
export function CheckView(): ReactNode {
  const t = useTranslations('Check')
  const hydrated = useHydrated()
  const lines = useLines()
  const [state, setState] = useState<CheckState>(untried)
  const groups = useCheckTexts(state)
  const running = state.phase === 'running'
  const check = useRef<AbortController>(undefined)
  useEffect(() => () => check.current?.abort(), [])
  const run = () => {
    check.current = new AbortController()
    void runCheck(lines, setState, check.current.signal)
  }
  return (
    <>
      <Button
        look="primary"
        size="large"
        className="justify-self-start"
        disabled={!hydrated}
        isBusy={running}
        onClick={run}
      >
        {running && <LoaderCircle className="size-5 animate-spin motion-reduce:animate-none" aria-hidden />}
        {t(running ? 'running' : state.phase === 'done' ? 'again' : 'start')}
      </Button>
      <div role="status" data-testid="verdict">
        {state.phase === 'done' && <VerdictCard state={state} groups={groups} />}
      </div>
      {state.phase !== 'idle' &&
        groups.map(({ title, note, rows }) => (
          <section key={title} className="grid gap-2">
            <h2 className="font-semibold">{title}</h2>
            <ul className="divide-y divide-line rounded-2xl border border-line bg-panel">
              {rows.map(({ name, text, outcome }) => (
                <li
                  key={name}
                  data-testid="check-row"
                  data-status={outcome.status}
                  className="flex items-start gap-3 px-4 py-3 text-sm"
                >
                  <Sign outcome={outcome} />
                  <span className="flex min-w-0 flex-1 flex-wrap justify-between gap-x-4 gap-y-0.5">
                    <span className="min-w-0 wrap-anywhere">{name}</span>
                    <span className="min-w-0 text-soft wrap-anywhere">{text}</span>
                  </span>
                </li>
              ))}
            </ul>
            {note !== undefined && <p className="text-sm leading-relaxed text-pretty text-soft">{note}</p>}
          </section>
        ))}
    </>
  )
}

function VerdictCard(props: { readonly state: CheckState; readonly groups: readonly CheckGroup[] }): ReactNode {
  const t = useTranslations('Check')
  const verdict = verdictOf(props.state)
  const [title, text] = {
    good: [t('goodTitle'), t('goodText')],
    direct: [t('directTitle'), t('directText')],
    needsRelay: [t('needsRelayTitle'), t('needsRelayText')],
    offline: [t('offlineTitle'), t('offlineText')],
  }[verdict]
  const [copied, setCopied] = useState<boolean>()
  const copy = async () => {
    const lines = props.groups.flatMap(({ title: name, rows }) => [
      '',
      name,
      ...rows.map(
        (row) => `${{ good: '+', bad: '-', waiting: ' ', running: ' ' }[row.outcome.status]} ${row.name}: ${row.text}`,
      ),
    ])
    const report = [title, text, ...lines, '', navigator.userAgent].join('\n')
    try {
      // Absent from pages that are not on https or localhost.
      await navigator.clipboard.writeText(report)
      setCopied(true)
    } catch {
      setCopied(false)
    }
  }
  return (
    <div className={`grid gap-2 rounded-2xl p-5 ${verdict === 'good' ? 'bg-sunken' : 'bg-brass-wash'}`}>
      <p className="text-lg font-semibold">{title}</p>
      <p className="leading-relaxed text-pretty">{text}</p>
      <div className="flex items-center gap-3 pt-1">
        <Button onClick={() => void copy()}>
          <ClipboardCopy className="size-4" aria-hidden />
          {t('copy')}
        </Button>
        <span role="status" className="text-sm text-soft">
          {copied === undefined ? '' : t(copied ? 'copied' : 'copyFailed')}
        </span>
      </div>
    </div>
  )
}

function Sign({ outcome }: { readonly outcome: Outcome<unknown> }): ReactNode {
  switch (outcome.status) {
    case 'waiting':
      return <CircleDashed className="size-5 shrink-0 text-soft" aria-hidden />
    case 'running':
      return <LoaderCircle className="size-5 shrink-0 animate-spin text-brass motion-reduce:animate-none" aria-hidden />
    case 'good':
      return <Check className="size-5 shrink-0 text-good" aria-hidden />
    case 'bad':
      return <X className="size-5 shrink-0 text-bad" aria-hidden />
  }
}
