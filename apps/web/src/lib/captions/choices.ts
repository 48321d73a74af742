import { createStore } from '@patchbay/core/store'
import { useSyncExternalStore } from 'react'
import { browser, read, write } from '../storage'
import { createChoice, createSwitch } from '../switch'

/** Whether the person reads what the others say. */
export const showsCaptions = createSwitch('patchbay.captions.show', false)

/** Whether what the person says may be recognized and sent to those who read. */
export const sendsCaptions = createSwitch('patchbay.captions.send', false)

/** How large captions are. */
export const captionSizes = ['small', 'medium', 'large'] as const
/** Text and ground of captions. */
export const captionColors = ['light', 'dark', 'yellow'] as const

/** How large captions are shown to this person. */
export const captionSize = createChoice('patchbay.captions.size', captionSizes, 'medium')

/** In which colors captions are shown to this person. */
export const captionColor = createChoice('patchbay.captions.color', captionColors, 'light')

const language = createStore(typeof window === 'undefined' ? undefined : read(browser, 'patchbay.captions.language'))

/** The language that the person speaks (BCP 47), once it is chosen. */
export const captionLanguage = {
  use: (): string | undefined => useSyncExternalStore(language.subscribe, language.getSnapshot, () => undefined),
  choose: (tag: string): void => {
    language.set(tag)
    write(browser, 'patchbay.captions.language', tag)
  },
}
