import { createStore } from '@patchbay/core/store'
import { useSyncExternalStore } from 'react'
import type { StageChoice, StageLayout, StagePlan } from './stage-plan'
import { browser, read, write } from './storage'

const usual: StageChoice = { layout: 'grid', hidesSelf: false, pinned: undefined }
const choice = createStore<StageChoice>(typeof window === 'undefined' ? usual : remembered())

function remembered(): StageChoice {
  const layout = read(browser, 'patchbay.layout') === 'speaker' ? 'speaker' : 'grid'
  return { ...usual, layout, hidesSelf: read(browser, 'patchbay.hides-self') === 'yes' }
}

/** How this person likes the stage; layout and own picture are remembered for the next room. */
export function useStageChoice(): StageChoice {
  return useSyncExternalStore(choice.subscribe, choice.getSnapshot, () => usual)
}

/** Arranges the stage anew; a pinned tile is let go, so that the change is seen. */
export function chooseLayout(layout: StageLayout): void {
  choice.set({ ...choice.getSnapshot(), layout, pinned: undefined })
  write(browser, 'patchbay.layout', layout)
}

/** Hides or shows this person's own picture on their page. */
export function hideSelf(hidesSelf: boolean): void {
  choice.set({ ...choice.getSnapshot(), hidesSelf })
  write(browser, 'patchbay.hides-self', hidesSelf ? 'yes' : 'no')
}

/** Keeps a tile large; `undefined` lets it go. */
export function pinTile(pinned: string | undefined): void {
  choice.set({ ...choice.getSnapshot(), pinned })
}

/** What the stage shows now; `undefined` while there is none. */
export const shownPlan = createStore<StagePlan | undefined>(undefined)
