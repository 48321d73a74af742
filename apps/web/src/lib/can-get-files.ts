import { type PeerView, SEALED_NAME } from '@patchbay/core/mesh'

/** Whether files can be offered to a member: not to one that has not shown the key of the room, with which its name comes. */
export function canGetFiles({ info, link }: Pick<PeerView, 'info' | 'link'>): boolean {
  return info.name !== SEALED_NAME || link.phase !== 'connecting'
}
