import type { ProcessedMedia, ProcessedTrack, TrackProcessor } from '@patchbay/core/mesh'
import { callEach, createStore, type Store } from '@patchbay/core/store'
import { useSyncExternalStore } from 'react'
import { createLazyCode } from '../lazy-code'
import { browser, read, write } from '../storage'
import { within } from '../within'
import type { CoverFailure } from './messages'

/** What others see behind this person: the room as it is, blurred, a picture that is drawn, or the person's own. */
export const backgrounds = ['none', 'blur', 'dusk', 'study', 'plain', 'own'] as const
export type Background = (typeof backgrounds)[number]

/** A camera whose background is covered; its picture is shown to nobody before. */
export type Cover =
  | { readonly status: 'preparing' }
  | {
      readonly status: 'shown'
      /** The camera's picture with its background covered. */
      readonly stream: MediaStream
    }
  | { readonly status: 'failed'; readonly why: CoverFailure }

/** What covering takes of the device. */
export interface CoverCost {
  /** Of one core, 0 to 1. */
  readonly share: number
  /** Of how many pictures of the camera one is shown. */
  readonly every: 1 | 2
}

const KEY = 'patchbay.background'
const preparing: Cover = { status: 'preparing' }
const remembered = typeof window === 'undefined' || !canCover() ? undefined : read(browser, KEY)
const chosen = createStore<Background>(backgrounds.find((one) => one === remembered) ?? 'none')
/** How long code and model may take to arrive, in milliseconds: 4 MB over a slow line. */
const READY_MS = 60_000
/** Called at each choice, also of what is chosen already: an own picture may be another one. */
const followers = new Set<() => void>()
/** By track of a camera. */
const covers = createStore<ReadonlyMap<MediaStreamTrack, Cover>>(new Map())
/** `undefined` until it is measured. */
export const coverCost = createStore<CoverCost | undefined>(undefined)
const covererCode = createLazyCode(() => import('./coverer'))

/** Whether this browser can change a camera's picture in a worker, without the page. */
export function canCover(): boolean {
  return 'MediaStreamTrackProcessor' in window && 'MediaStreamTrackGenerator' in window
}

/** What the person has chosen. */
export const backgroundChoice: Store<Background> = chosen

/** Chooses a background, for rooms to come too. */
export function chooseBackground(background: Background): void {
  write(browser, KEY, background)
  chosen.set(background)
  callEach(followers, (follow) => follow())
  covers.set(new Map([...covers.getSnapshot()].filter(([, { status }]) => status !== 'failed')))
}

/** Hook. @returns what the person has chosen. */
export function useBackground(): Background {
  return useSyncExternalStore(chosen.subscribe, chosen.getSnapshot, () => 'none')
}

/** Says how a camera's picture is covered; `undefined` when it no longer is. */
export function noteCover(track: MediaStreamTrack, cover: Cover | undefined): void {
  const others = [...covers.getSnapshot()].filter(([each]) => each !== track && each.readyState === 'live')
  covers.set(new Map(cover === undefined ? others : [...others, [track, cover]]))
}

/** Hook. @returns how the picture of this stream's camera is covered; `undefined` where it is shown as it is. */
export function useCover(stream: MediaStream | undefined): Cover | undefined {
  const isCovered = useBackground() !== 'none'
  const all = useSyncExternalStore(covers.subscribe, covers.getSnapshot, covers.getSnapshot)
  const [track] = stream?.getVideoTracks() ?? []
  return track === undefined || !isCovered ? undefined : (all.get(track) ?? preparing)
}

/**
 * Covers the background of what is sent for as long as the person wants it; sends nothing where that fails, until they choose
 * again. @returns what ends it.
 */
export function coverBackground(outgoing: ProcessedMedia): () => void {
  let isCovered = false
  let latest: MediaStreamTrack | undefined
  const createProcessor = (): TrackProcessor => (track) => {
    latest = track
    return coverTrack(track)
  }
  const follow = () => {
    const isWanted = chosen.getSnapshot() !== 'none'
    const hasFailed = latest !== undefined && covers.getSnapshot().get(latest)?.status === 'failed'
    if (isWanted === isCovered && !(isWanted && hasFailed)) return
    isCovered = isWanted
    // What failed is among the covers. Another function has it tried anew.
    outgoing.process('camera', isWanted ? createProcessor() : undefined, 'withheld').catch(() => {})
  }
  follow()
  followers.add(follow)
  return () => followers.delete(follow)
}

async function coverTrack(track: MediaStreamTrack): Promise<ProcessedTrack> {
  const untilMs = performance.now() + READY_MS
  try {
    const code = await within(READY_MS, covererCode.load())
    return code.coverTrack(track, untilMs - performance.now())
  } catch (error) {
    // Whoever chose to be shown as they are meanwhile is told nothing.
    if (chosen.getSnapshot() !== 'none') noteCover(track, { status: 'failed', why: 'code' })
    throw error
  }
}
