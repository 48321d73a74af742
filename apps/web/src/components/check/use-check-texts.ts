import { useFormatter, useTranslations } from 'next-intl'
import { labelOfLine } from '@/lib/lines'
import type { CheckState, Outcome } from './run-check'

/** One test, in words. */
interface CheckRow {
  readonly name: string
  readonly text: string
  readonly outcome: Outcome<unknown>
}

/** A group of related tests. */
export interface CheckGroup {
  readonly title: string
  readonly rows: readonly CheckRow[]
  /** Explanation of the group. */
  readonly note?: string
}

/** Texts of a check, for the page and for the copy as text. */
export function useCheckTexts(state: CheckState): readonly CheckGroup[] {
  const t = useTranslations('Check')
  const format = useFormatter()
  const ms = (value: number) => t('ms', { ms: Math.max(1, Math.round(value)) })
  const row = <T>(
    name: string,
    outcome: Outcome<T>,
    good: (value: T) => string,
    bad: (reason: string) => string,
  ): CheckRow => {
    const text = {
      waiting: () => t('waiting'),
      running: () => t('trying'),
      good: () => good((outcome as { value: T }).value),
      bad: () => bad((outcome as { reason: string }).reason),
    }[outcome.status]()
    return { name, text, outcome }
  }
  const device = (reason: string) =>
    ({ denied: t('denied'), system: t('system'), missing: t('missing'), busy: t('busy'), insecure: t('insecure') })[
      reason
    ] ?? t('failed')
  const relayNames = { udp: 'TURN/UDP', tcp: 'TURN/TCP', tls: 'TURN/TLS' }
  const none = { status: 'bad', reason: '' } as const
  const kinds = {
    none: t('natNone'),
    cone: t('natCone'),
    symmetric: t('natSymmetric'),
    blocked: t('natBlocked'),
    unknown: t('natUnknown'),
  }
  return [
    {
      title: t('lines'),
      rows: Object.entries(state.lines).map(([name, outcome]) =>
        row(labelOfLine(name), outcome, ms, () => t('unreachable')),
      ),
      note: t('linesNote'),
    },
    {
      title: t('devices'),
      rows: [
        row(t('microphone'), state.microphone, (label) => label || t('works'), device),
        row(t('camera'), state.camera, (label) => label || t('works'), device),
      ],
    },
    {
      title: t('network'),
      rows: [
        row(
          t('candidates'),
          state.candidates,
          (count) => t('candidateCount', count),
          () => t('failed'),
        ),
        row(
          t('nat'),
          state.nat,
          (kind) => kinds[kind],
          () => t('failed'),
        ),
      ],
      note: t('natNote'),
    },
    {
      title: t('relay'),
      rows: [
        ...Object.entries(relayNames).map(([way, name]) => {
          const relay = state.relays[way as keyof typeof relayNames]
          return row(name, relay ?? none, ms, () => t(relay === undefined ? 'notOffered' : 'unreachable'))
        }),
        row(
          t('throughput'),
          state.throughput ?? none,
          (bits) => t('mbit', { rate: format.number(bits / 1_000_000, { maximumFractionDigits: 1 }) }),
          () => t('noRelay'),
        ),
      ],
      note: t('relayNote'),
    },
  ]
}
