import type { PeerInfo } from '@patchbay/protocol'
import type { FileShare } from '../../src/files/index.ts'
import type { LinkPort } from '../../src/mesh/index.ts'

/** Attaches a file share to a link that has nothing but this channel. @returns a function that ends the link. */
export function attachFiles(
  share: FileShare,
  peer: PeerInfo,
  channel: unknown,
  cut: () => void = () => {},
): () => void {
  const connection = { createDataChannel: () => channel }
  const link = share.attach({ peer, connection, cut } as unknown as LinkPort)
  return () => link.closed?.()
}
