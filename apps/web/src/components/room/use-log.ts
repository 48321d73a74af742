import type { ConversationEntry } from '@patchbay/core/conversation'
import type { PeerId } from '@patchbay/protocol'
import { useFiles, usePeers } from '@patchbay/react'
import { useEffect, useMemo, useState } from 'react'
import { laterCode } from '@/lib/later-code'
import { type FileEntry, isAsking, type LogEntry } from '@/lib/log-entries'
import { trusts } from '@/lib/trust'

/**
 * Messages and files, in the order in which they came; the same list until one comes or goes. Files of those whom this person
 * trusts are accepted. @param name this person's.
 */
export function useLog(entries: readonly ConversationEntry[], name: string): readonly LogEntry[] {
  const { transfers, files } = useFiles()
  const peers = usePeers()
  const [before, setBefore] = useState<readonly FileEntry[]>([])
  const nameOf = (id: PeerId | undefined) =>
    id === undefined ? name : peers.find(({ info }) => info.id === id)?.info.name
  const code = laterCode.use(transfers.length > 0 || before.length > 0)
  const shared = code?.fileEntries(transfers, before, nameOf) ?? before
  if (shared !== before) setBefore(shared)
  useEffect(() => {
    for (const transfer of transfers) if (isAsking(transfer) && trusts(transfer.peer)) files?.accept(transfer)
  }, [transfers, files])
  return useMemo(() => code?.joinByTime(entries, shared) ?? entries, [code, entries, shared])
}
