import { AUTO, type ClientState } from '@patchbay/core/client'
import { DialError } from '@patchbay/core/transport'
import type { LineChoice } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { useEffect, useRef } from 'react'
import { labelOfLine, rememberLine } from '@/lib/lines'
import { useLines } from '@/lib/use-lines'
import { addToast, closeToast } from '@/lib/toasts'

/** Shows notices when the line changes, by choice or by itself. @returns a function that chooses a line. */
export function useLineNotices(line: LineChoice | undefined, signaling: ClientState): (choice: string) => void {
  const t = useTranslations('Line')
  const current = signaling.status === 'online' ? signaling.line : undefined
  /** The line shown in the last notice; the best one needs no notice. */
  const [best] = useLines()
  const told = useRef(best?.name)
  /** That notice, which the next one replaces. */
  const notice = useRef<string>(undefined)

  useEffect(() => {
    if (current === undefined || current === told.current) return
    const fell = line?.choice === AUTO && best !== undefined && current !== best.name
    told.current = current
    if (notice.current !== undefined) closeToast(notice.current)
    notice.current = addToast({
      title: t('now', { line: labelOfLine(current) }),
      description: fell ? t('fellBack', { better: best.label }) : t('callWentOn'),
    })
  }, [current, line?.choice, best, t])

  return (choice) => {
    if (line === undefined || choice === line.choice) return
    line.switchTo(choice).then(
      () => rememberLine(choice),
      (error: unknown) => {
        // Another choice was made meanwhile, which shows its own notice.
        if (!(error instanceof DialError)) return
        const staying = current === undefined ? undefined : labelOfLine(current)
        addToast({
          title: t('failed', { line: labelOfLine(choice) }),
          description: staying === undefined ? t('failedText') : t('failedStay', { line: staying }),
          type: 'error',
          priority: 'high',
        })
      },
    )
  }
}
