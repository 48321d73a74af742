import { createStore } from '@patchbay/core/store'
import { useSyncExternalStore } from 'react'
import { createLazyCode } from './lazy-code'

/** How a call can float beside other windows: in a window of the page's own, with buttons, or only a picture of it. */
export type Floating = 'window' | 'picture'

/** What a browser must have for it (Document Picture-in-Picture §4, Picture-in-Picture §4). */
export interface FloatingAbilities {
  readonly documentPictureInPicture?: unknown
  readonly document: { readonly pictureInPictureEnabled?: boolean }
}

/** @returns the better way that the browser has; `undefined` where it has none. */
export function floatingIn({ documentPictureInPicture, document }: FloatingAbilities): Floating | undefined {
  if (documentPictureInPicture !== undefined) return 'window'
  return document.pictureInPictureEnabled === true ? 'picture' : undefined
}

/** The window in which the call floats, while there is one. */
export const floatingWindow = createStore<Window | undefined>(undefined)

/** Hook. @returns the window in which the call floats, while there is one. */
export function useFloatingWindow(): Window | undefined {
  return useSyncExternalStore(floatingWindow.subscribe, floatingWindow.getSnapshot, () => undefined)
}

/** Hook. @returns whether one of the page's pictures floats. */
export function useFloatingPicture(): boolean {
  return useSyncExternalStore(
    subscribeToPicture,
    () => document.pictureInPictureElement !== null,
    () => false,
  )
}

function subscribeToPicture(listener: () => void): () => void {
  const events = ['enterpictureinpicture', 'leavepictureinpicture'] as const
  for (const event of events) document.addEventListener(event, listener)
  return () => {
    for (const event of events) document.removeEventListener(event, listener)
  }
}

/** The picture in that window, and how high it is shown there, in CSS pixels: its sender must not send less. */
export const floatingPicture = createStore<{ readonly stream: MediaStream; readonly height: number } | undefined>(
  undefined,
)

export const floatingCode = createLazyCode(() => import('@/components/room/floating-call'))
