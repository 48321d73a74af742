'use client'
import { Share } from 'lucide-react'
import { useFormatter, useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useState } from 'react'
import {
  forgetShared,
  MAX_SHARED_FILES,
  readShared,
  sendShared,
  type Shared,
  type SharedWays,
} from '@/lib/share-target'
import { addToast } from '@/lib/toasts'
import type { SendOutcome } from './room/composer'
import { Button } from './ui/button'

/** Files that are named; the others are counted. */
const NAMED = 3

/**
 * What another app has shared with the page, until the person sends it or throws it away; nothing where there is none.
 * @param props.ways absent outside a room. @param props.isAlone nobody else is here to send it to.
 */
export function ShareTargetBar(props: {
  readonly isAlone?: boolean
  readonly ways?: SharedWays<SendOutcome>
  readonly onClose?: () => void
}): ReactNode {
  const { isAlone = false, ways, onClose } = props
  const t = useTranslations('Shared')
  const chat = useTranslations('Chat')
  const format = useFormatter()
  const [shared, setShared] = useState<Shared>()
  const [isSending, setSending] = useState(false)
  useEffect(() => {
    readShared().then(setShared, () => {})
  }, [])
  if (shared === undefined) return null
  const { files, text, leftOut } = shared
  const names = files.slice(0, NAMED).map(({ name }) => name)
  const more = files.length - names.length
  const close = () => {
    setShared(undefined)
    forgetShared().catch(() => {})
    onClose?.()
  }
  const send = async (by: SharedWays<SendOutcome>) => {
    setSending(true)
    const { outcome, left } = await sendShared(shared, by)
    setSending(false)
    if (outcome !== 'sent') addToast({ title: chat(`not_${outcome}`), type: 'error', priority: 'high' })
    if (left === undefined) close()
    else setShared(left)
  }
  return (
    <section
      aria-labelledby="shared"
      data-testid="shared"
      className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-xl border border-line bg-brass-wash px-3 py-2 text-sm"
    >
      <div className="grid min-w-[min(14rem,100%)] flex-1 gap-0.5">
        <h2 id="shared" className="flex items-center gap-2 font-semibold">
          <Share className="size-4 shrink-0 text-brass" aria-hidden />
          {t('title')}
        </h2>
        <p className="line-clamp-3 wrap-anywhere short:line-clamp-1">
          {format.list([...names, ...(more > 0 ? [t('more', { count: more })] : []), ...(text === '' ? [] : [text])])}
        </p>
        {leftOut > 0 && <p>{t('leftOut', { count: leftOut, max: MAX_SHARED_FILES })}</p>}
        {(ways === undefined || isAlone) && <p className="text-soft">{t(ways === undefined ? 'where' : 'alone')}</p>}
      </div>
      <div className="flex flex-wrap gap-2">
        {ways !== undefined && (
          <Button
            look="primary"
            className="h-9 px-3"
            disabled={isAlone}
            isBusy={isSending}
            onClick={() => void send(ways)}
          >
            {t('send')}
          </Button>
        )}
        <Button className="h-9 px-3" onClick={close}>
          {t('discard')}
        </Button>
      </div>
    </section>
  )
}

/** What was shared could not be kept. */
export function ShareFailed(): ReactNode {
  const t = useTranslations('Shared')
  return (
    <p role="alert" className="rounded-2xl bg-bad-wash px-4 py-3 text-sm text-bad">
      {t('failed')}
    </p>
  )
}
