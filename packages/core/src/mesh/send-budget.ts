import type { Source } from './local-media.ts'

/** What one source may take on one connection (W3C WebRTC §5.2.5): bits and frames a second, pixels of height. */
interface SourceLimits {
  readonly maxBitrate: number
  readonly maxFramerate?: number
  readonly maxHeight?: number
  readonly priority: RTCPriorityType
}

/** What each source may take on one connection. */
export type SendLimits = Readonly<Record<Source, SourceLimits>>

/** What the platform says of a picture it sends (W3C webrtc-stats, `qualityLimitationReason`). */
export type Strain = 'none' | 'cpu' | 'bandwidth' | 'other'

/** More cameras than this on one room are too many for people's lines: each page sends and shows them all. */
export const MAX_CAMERAS = 8

/** What all cameras together may take of a line that is sent to everyone, in bits a second. */
const UPLINK = 3_600_000
const MIN_CAMERA = 120_000
const MAX_CAMERA = 1_500_000
const SCREEN_SHARE = 2
/** Each step down halves what is sent. */
const MAX_STEP = 3
/** Looks in a row that must be bad before a step down, and good before a step up. */
const DOWN_AFTER = 2
const UP_AFTER = 10

/** Pixels of height, and frames a second, that so many bits a second can carry. */
const ladder = [
  { from: 900_000, maxHeight: 720, maxFramerate: 30 },
  { from: 400_000, maxHeight: 480, maxFramerate: 24 },
  { from: 200_000, maxHeight: 360, maxFramerate: 20 },
  { from: 0, maxHeight: 180, maxFramerate: 12 },
] as const

/**
 * Shares what a page may send among everyone it sends to: fewer bits, frames and pixels for each, the more there are, and
 * less again while the processor or the line cannot follow. Sound goes first.
 */
export class SendBudget {
  #step = 0
  #bad = 0
  #good = 0

  /** Steps down from what the number of people allows, 0 to 3. */
  get step(): number {
    return this.#step
  }

  /** Takes in what the platform says of all pictures that are sent. @returns whether the limits have changed. */
  look(strains: readonly Strain[]): boolean {
    const strained = strains.some((strain) => strain === 'cpu' || strain === 'bandwidth')
    this.#bad = strained ? this.#bad + 1 : 0
    this.#good = strained ? 0 : this.#good + 1
    const before = this.#step
    if (this.#bad >= DOWN_AFTER) this.#move(Math.min(MAX_STEP, before + 1))
    else if (this.#good >= UP_AFTER) this.#move(Math.max(0, before - 1))
    return this.#step !== before
  }

  /** @param receivers how many the page sends to. */
  limitsFor(receivers: number): SendLimits {
    const share = Math.min(MAX_CAMERA, UPLINK / Math.max(1, receivers)) / 2 ** this.#step
    const maxBitrate = Math.round(Math.max(MIN_CAMERA, share))
    const { maxHeight, maxFramerate } = ladder.find(({ from }) => maxBitrate >= from) ?? ladder[3]
    return {
      microphone: { maxBitrate: 40_000, priority: 'high' },
      camera: { maxBitrate, maxHeight, maxFramerate, priority: 'low' },
      // Text must stay sharp: fewer frames, all pixels.
      screen: { maxBitrate: SCREEN_SHARE * maxBitrate, maxFramerate: Math.min(15, maxFramerate), priority: 'medium' },
      screenAudio: { maxBitrate: 64_000, priority: 'high' },
    }
  }

  #move(step: number): void {
    this.#step = step
    this.#bad = 0
    this.#good = 0
  }
}
