import type { PeerInfo } from '@patchbay/protocol'
import type { FileShare } from '../../src/files/index.ts'
import type { LinkPort } from '../../src/mesh/index.ts'

/** Attaches a file share to a link that has nothing but this channel. @returns a function that ends the link. */
export function attachFiles(
  share: FileShare,
  peer: PeerInfo,
  channel: unknown,
  cut: () => void = () => {},
  passes: () => boolean = () => true,
): () => void {
  const connection = { createDataChannel: () => channel }
  const port = {
    peer,
    connection,
    cut,
    get passes() {
      return passes()
    },
  }
  const link = share.attach(port as unknown as LinkPort)
  return () => link.closed?.()
}
