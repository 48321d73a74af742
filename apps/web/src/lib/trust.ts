import type { PeerId } from '@patchbay/protocol'
import { read, tab, write } from './storage'

const KEY = 'patchbay.trusted'

function trusted(): string[] {
  return (read(tab, KEY) ?? '').split(' ')
}

/** Whether this person's files are taken without asking, as was said once in this tab. */
export function trusts(peer: PeerId): boolean {
  return trusted().includes(peer)
}

/** Takes this person's files without asking from now on, as long as the tab lives. */
export function trust(peer: PeerId): void {
  if (!trusts(peer)) write(tab, KEY, [...trusted(), peer].join(' ').trim())
}
