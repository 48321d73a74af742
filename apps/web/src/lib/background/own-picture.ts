import { createStore } from '@patchbay/core/store'
import { useSyncExternalStore } from 'react'
import { browser, read, write } from '../storage'
import { placeCovering, sizeWithin } from './covering'

const KEY = 'patchbay.background-picture'
/** No camera of a call shows more, in pixels. */
const LARGEST = { width: 1_280, height: 720 } as const

/** Address of the picture (`data:`); `undefined` when there is none. */
const address = createStore(typeof window === 'undefined' ? undefined : read(browser, KEY))

/** A picture of the person's own, which stays in this browser. */
export const ownPicture = {
  subscribe: address.subscribe,
  /** Hook. @returns its address. */
  use: function useOwnPicture(): string | undefined {
    return useSyncExternalStore(address.subscribe, address.getSnapshot, () => undefined)
  },
  /** @returns the picture; `undefined` when there is none, or it cannot be read. */
  load: async (): Promise<ImageBitmap | undefined> => {
    const image = new Image()
    image.src = address.getSnapshot() ?? ''
    try {
      await image.decode()
      return await createImageBitmap(image)
    } catch {
      return undefined
    }
  },
  /** Takes the place of the one before. @throws {DOMException} when it cannot be read; the one before stays. */
  take: async (file: Blob): Promise<void> => {
    const picture = await createImageBitmap(file)
    const canvas = Object.assign(document.createElement('canvas'), sizeWithin(picture, LARGEST))
    const { left, top, width, height } = placeCovering(picture, canvas)
    canvas.getContext('2d')?.drawImage(picture, left, top, width, height)
    picture.close()
    const taken = canvas.toDataURL('image/jpeg', 0.85)
    write(browser, KEY, taken)
    address.set(taken)
  },
}
