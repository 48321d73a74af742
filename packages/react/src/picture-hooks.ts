import type { PictureSizes, SentSize } from '@patchbay/core/mesh'
import type { PeerId } from '@patchbay/protocol'
import { useRoomConnection } from './room-provider.tsx'
import { useStore } from './use-store.ts'

const nothing: ReadonlyMap<PeerId, SentSize> = new Map()

/** How large pictures are sent and asked for. */
export interface Pictures {
  /** How large this client's own camera is sent to each member, and why no larger; empty while it is off. */
  readonly sent: ReadonlyMap<PeerId, SentSize>
  /** Whether no cameras are asked for, so that sound has all that the connection carries. */
  readonly prefersSound: boolean
  /** See `PictureSizes`; `undefined` until the room is open. */
  readonly sizes: PictureSizes | undefined
}

/** How large pictures are sent, why, and whether any are asked for. */
export function usePictures(): Pictures {
  const sizes = useRoomConnection()?.pictures
  return { sent: useStore(sizes?.sent, nothing), prefersSound: useStore(sizes?.prefersSound, false), sizes }
}
