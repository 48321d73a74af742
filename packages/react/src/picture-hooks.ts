import type { PictureSizes, SentSizes } from '@patchbay/core/mesh'
import { useRoomConnection } from './room-provider.tsx'
import { useStore } from './use-store.ts'

const nothing: SentSizes = new Map()

/** How large pictures are sent and asked for. */
export interface Pictures {
  /** How large this client's own camera is sent to each member, and why no larger; empty while it is off. */
  readonly sent: SentSizes
  /** Whether no cameras are asked for, so that sound has all that the connection carries. */
  readonly prefersSound: boolean
  /** See `PictureSizes`; `undefined` until the room is open. */
  readonly sizes: PictureSizes | undefined
}

/** How large pictures are sent, why, and whether any are asked for. */
export function usePictures(): Pictures {
  const room = useRoomConnection()
  const sizes = room?.pictures
  return { sent: useStore(room?.sentSizes, nothing), prefersSound: useStore(sizes?.prefersSound, false), sizes }
}
