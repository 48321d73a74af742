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
  const choice = createChoice(key, ['on', 'off'], usual ? 'on' : 'off')
  return {
    isOn: () => choice.get() === 'on',
    use: function useSwitch() {
      return choice.use() === 'on'
    },
    turn: (isOn) => choice.choose(isOn ? 'on' : 'off'),
  }
}

/** One of a few values, remembered for rooms to come. @param usual the one before the person has chosen. */
export function createChoice<V extends string>(key: string, values: readonly V[], usual: V) {
  const remembered = typeof window === 'undefined' ? undefined : read(browser, key)
  const store = createStore(values.find((value) => value === remembered) ?? usual)
  return {
    get: store.getSnapshot,
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
