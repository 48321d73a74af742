import type { PeerView } from '@patchbay/core/mesh'

/** Whether files can be offered to a member: not to one that has not shown the key of the room. */
export function canGetFiles({ refused, link }: Pick<PeerView, 'refused' | 'link'>): boolean {
  return refused === 0 || link.phase !== 'connecting'
}
