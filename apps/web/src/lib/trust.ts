import type { PeerId } from '@patchbay/protocol'
import { read, tab, write } from './storage'

const KEY = 'patchbay.trusted'

function trusted(): string[] {
  return (read(tab, KEY) ?? '').split(' ')
}

/** Whether this person's files are accepted without asking, as chosen in this tab. */
export function trusts(peer: PeerId): boolean {
  return trusted().includes(peer)
}

/** Accepts this person's files without asking from now on, for the lifetime of the tab. */
export function trust(peer: PeerId): void {
  if (!trusts(peer)) write(tab, KEY, [...trusted(), peer].join(' ').trim())
}
