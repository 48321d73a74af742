'use client'
import { useLineChoice, usePeers, useSignaling } from '@patchbay/react'
import { Copy } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useState } from 'react'
import { type TraceEntry, traceEntries } from '@/lib/line-trace'
import { reportOf, timeOf } from '@/lib/trace-report'
import { labelOfLine } from '@/lib/lines'
import { Button } from '../ui/button'
import { SelectField } from '../ui/field'
import { linkWords, memberNumber } from './use-trace'

/** Between two looks at what has happened, in milliseconds. */
const LOOK_MS = 1_000
const ALL = 'all'

/** What went over which line, newest first, and a report of it to pass on. */
export function TracePanel(): ReactNode {
  const t = useTranslations('Trace')
  const entries = useEntries()
  const [line, setLine] = useState(ALL)
  const [copied, setCopied] = useState<'yes' | 'no'>()
  const write = useReport()
  const lines = [...new Set(entries.map((entry) => entry.line))].filter((name) => name !== '')
  const shown = entries.filter((entry) => line === ALL || entry.line === line).toReversed()
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(write())
      setCopied('yes')
    } catch {
      setCopied('no')
    }
  }
  return (
    <div className="grid gap-4">
      <p className="text-sm leading-relaxed text-soft">{t('text')}</p>
      <div className="flex flex-wrap items-end justify-between gap-3">
        <SelectField
          label={t('line')}
          value={line}
          choices={[
            { value: ALL, label: t('all') },
            ...lines.map((name) => ({ value: name, label: labelOfLine(name) })),
          ]}
          onChoose={setLine}
        />
        <Button onClick={() => void copy()}>
          <Copy className="size-4" aria-hidden />
          {t('copy')}
        </Button>
      </div>
      <p role="status" className="text-sm empty:hidden">
        {copied !== undefined && t(copied === 'yes' ? 'copied' : 'notCopied')}
      </p>
      {copied === 'no' && (
        <textarea
          readOnly
          dir="ltr"
          aria-label={t('report')}
          defaultValue={write()}
          onFocus={({ currentTarget }) => currentTarget.select()}
          className="h-40 rounded-xl border border-edge bg-ground p-3 font-mono text-xs pointer-coarse:text-base"
        />
      )}
      <ol data-testid="trace" className="grid gap-1 text-xs">
        {shown.map((entry) => (
          <EntryItem key={entry.n} entry={entry} />
        ))}
      </ol>
    </div>
  )
}

function EntryItem({ entry }: { readonly entry: TraceEntry }): ReactNode {
  const t = useTranslations('Trace')
  const { atMs, count, line, what, kind, size } = entry
  return (
    <li className="flex flex-wrap gap-x-2 border-b border-line py-1">
      <span className="text-soft tabular-nums">{timeOf(atMs, performance.timeOrigin)}</span>
      {line !== '' && <span>{labelOfLine(line)}</span>}
      <span className="font-medium">{t(what)}</span>
      {/* Words of the protocol are the same in every language. */}
      <code dir="ltr" lang="en" className="wrap-anywhere">
        {kind}
      </code>
      {size > 0 && <span className="text-soft tabular-nums">{t('size', { size })}</span>}
      {count > 1 && <span className="text-soft tabular-nums">{`×${count}`}</span>}
    </li>
  )
}

/** The entries as they are now: noting them must cost nothing, so nobody is told. */
function useEntries(): readonly TraceEntry[] {
  const [entries, setEntries] = useState(() => copyOf(traceEntries()))
  useEffect(() => {
    const timer = setInterval(() => setEntries(copyOf(traceEntries())), LOOK_MS)
    return () => clearInterval(timer)
  }, [])
  return entries
}

const copyOf = (entries: readonly TraceEntry[]) => entries.map((entry) => ({ ...entry }))

/** Writes the report. */
function useReport(): () => string {
  const signaling = useSignaling()
  const choice = useLineChoice()
  const peers = usePeers()
  return () =>
    reportOf(traceEntries(), {
      originMs: performance.timeOrigin,
      browser: navigator.userAgent,
      facts: [
        `session: ${signaling.status}${signaling.status === 'online' ? ` on ${signaling.line}` : ''}`,
        `chosen line: ${choice?.choice ?? 'none'}, round trip: ${Math.round(choice?.roundTripMs ?? 0)} ms`,
        ...peers.map((peer) => `${memberNumber(peer.info.id)}: ${linkWords(peer)}`),
      ],
    })
}
