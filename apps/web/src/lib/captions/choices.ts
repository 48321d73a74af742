import { createStore } from '@patchbay/core/store'
import { useSyncExternalStore } from 'react'
import { browser, read, write } from '../storage'
import { createSwitch } from '../switch'

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

/** One of a few values, remembered for rooms to come. */
function createChoice<V extends string>(key: string, values: readonly V[], usual: V) {
  const remembered = typeof window === 'undefined' ? undefined : read(browser, key)
  const store = createStore(values.find((value) => value === remembered) ?? usual)
  return {
    /** Hook. */
    use: function useChoice(): V {
      return useSyncExternalStore(store.subscribe, store.getSnapshot, () => usual)
    },
    choose: (value: V): void => {
      store.set(value)
      write(browser, key, value)
    },
  }
}
