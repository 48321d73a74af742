import type { TraceEntry } from './line-trace'

/** What a report says beside its entries. */
export interface ReportFacts {
  /** When the page's clock began, in milliseconds since 1970. */
  readonly originMs: number
  readonly browser: string
  /** One line of text each. */
  readonly facts: readonly string[]
}

/** Time of day of an entry, in UTC, to the millisecond. */
export function timeOf(ms: number, originMs: number): string {
  return new Date(originMs + ms).toISOString().slice(11, 23)
}

/** What happened on the lines, as text to pass on: no addresses, tokens, names or texts, because entries have none. */
export function reportOf(entries: readonly TraceEntry[], { originMs, browser, facts }: ReportFacts): string {
  const rows = entries.map(({ atMs, lastMs, count, line, what, kind, size }) => {
    const until = count === 1 ? '' : ` ×${count} until ${timeOf(lastMs, originMs)}`
    const length = size === 0 ? '' : ` ${size} B`
    return `${timeOf(atMs, originMs)} ${line === '' ? '-' : line} ${what} ${kind}${length}${until}`
  })
  return ['Signals of a room', `Page of ${new Date(originMs).toISOString()}`, browser, ...facts, '', ...rows].join('\n')
}
