'use client'
import type { Transfer } from '@patchbay/core/files'
import { useFiles, usePeers } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect } from 'react'
import { laterCode } from '@/lib/later-code'
import { trusts } from '@/lib/trust'

/** Position in the list: what moves stays in sight above what asks, and what is over comes last. */
const order = { moving: 0, waiting: 1, offered: 2, done: 3, stopped: 4 } as const

/** Whether a file is waiting for this person's answer. */
const asks = ({ direction, state }: Transfer) => direction === 'in' && state.phase === 'offered'

/**
 * File transfers, those under way first. Nothing is received before this person accepts, or has accepted all files of the
 * sender.
 */
export function FileTray(): ReactNode {
  const t = useTranslations('Files')
  const { transfers, files } = useFiles()
  const peers = usePeers()
  const FileCard = laterCode.use(transfers.length > 0)?.FileCard
  const nameOf = (transfer: Transfer) => peers.find(({ info }) => info.id === transfer.peer)?.info.name

  useEffect(() => {
    for (const transfer of transfers) {
      if (asks(transfer) && trusts(transfer.peer)) files?.accept(transfer)
    }
  }, [transfers, files])

  if (files === undefined || transfers.length === 0 || FileCard === undefined) return null
  return (
    // May scroll, so it must be reachable by keyboard.
    <ul
      aria-label={t('list')}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="mx-4 grid max-h-[38dvh] shrink-0 gap-2 overflow-y-auto rounded-2xl border border-line bg-sunken p-2"
    >
      {transfers
        .toSorted((a, b) => order[a.state.phase] - order[b.state.phase])
        .map((transfer) => (
          <FileCard key={transfer.key} transfer={transfer} peer={nameOf(transfer)} files={files} />
        ))}
    </ul>
  )
}
