import type { PeerId } from '@patchbay/protocol'
import type { IncomingFile } from './incoming-file.ts'
import type { OutgoingFile } from './outgoing-file.ts'
import type { Transfer } from './transfer.ts'

/** Unanswered offers allowed per peer. */
const MAX_OFFERS = 32
/** Files listed per peer; stopped transfers are removed to make room for new ones. */
const MAX_LISTED = 256

/** The files from and to one peer, as the page shows them. */
export function listTransfers(
  peer: PeerId,
  incoming: Iterable<IncomingFile>,
  outgoing: Iterable<OutgoingFile>,
): Transfer[] {
  const received = [...incoming].map(({ request: { id, size }, name, mime, state }) => {
    return { key: `in ${peer} ${id}`, id, peer, direction: 'in' as const, name, size, mime, state }
  })
  const sent = [...outgoing].map(({ id, name, file, state }) => {
    const { size, type: mime } = file
    return { key: `out ${peer} ${id}`, id, peer, direction: 'out' as const, name, size, mime, state }
  })
  return [...received, ...sent]
}

/** Makes room for one more file in the list of those that a peer has offered. @returns whether there is room. */
export function makeRoom(incoming: Map<string, IncomingFile>): boolean {
  const listed = [...incoming]
  if (listed.filter(([, { state }]) => state.phase === 'offered').length >= MAX_OFFERS) return false
  if (listed.length < MAX_LISTED) return true
  const oldest = listed.find(([, { state }]) => state.phase === 'stopped')
  return oldest !== undefined && incoming.delete(oldest[0])
}
