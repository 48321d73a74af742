'use client'
import type { Transfer } from '@patchbay/core/files'
import { useFiles, usePeers } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { isOver, newlyOver } from '@/lib/file-outcomes'
import { useFileStatus } from './use-file-status'

/** Says what became of files, one after the other: inside of a live region. */
export function FileOutcomes(): ReactNode {
  const { transfers } = useFiles()
  const [seen, setSeen] = useState({ transfers, keys: newlyOver([], transfers, []) })
  if (seen.transfers !== transfers) setSeen({ transfers, keys: newlyOver(seen.transfers, transfers, seen.keys) })
  return transfers
    .filter((transfer) => isOver(transfer) && seen.keys.includes(transfer.key))
    .map((transfer) => <Outcome key={transfer.key} transfer={transfer} />)
}

function Outcome({ transfer }: { readonly transfer: Transfer }): ReactNode {
  const { name, direction, peer } = transfer
  const t = useTranslations('Files')
  const peers = usePeers()
  const status = useFileStatus(transfer)
  const other = peers.find(({ info }) => info.id === peer)?.info.name ?? t('someone')
  const whose = t.markup(direction === 'in' ? 'from' : 'to', { name: other, bdi: (text) => text })
  return (
    <p>
      {name}: {whose} · {status}
    </p>
  )
}
