import { createStore } from '@patchbay/core/store'
import { useSyncExternalStore } from 'react'
import { browser, read, write } from './storage'

/** Something that the person turns on or off, remembered for rooms to come. */
export interface Switch {
  readonly isOn: () => boolean
  /** Hook. @returns whether it is on. */
  readonly use: () => boolean
  readonly turn: (isOn: boolean) => void
}

/** @param key under which the browser stores it. @param usual how it is before the person has chosen. */
export function createSwitch(key: string, usual: boolean): Switch {
  const remembered = typeof window === 'undefined' ? undefined : read(browser, key)
  const state = createStore(remembered === undefined ? usual : remembered === 'on')
  return {
    isOn: state.getSnapshot,
    use: function useSwitch() {
      return useSyncExternalStore(state.subscribe, state.getSnapshot, () => usual)
    },
    turn: (isOn) => {
      state.set(isOn)
      write(browser, key, isOn ? 'on' : 'off')
    },
  }
}
