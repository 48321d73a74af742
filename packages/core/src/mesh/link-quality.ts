import { findRung, LAST_RUNG } from './send-budget.ts'

/** How sending on one connection does, over the time since the last sample. */
export interface SendSample {
  /** Bits a second that the platform thinks the path carries; `undefined` where it does not say, as in Firefox. */
  readonly availableBitrate: number | undefined
  /** Share of packets that the other end misses, 0 to 1. */
  readonly loss: number | undefined
  readonly roundTripMs: number | undefined
  /** The platform says that the processor holds the picture back (W3C webrtc-stats, `qualityLimitationReason`). */
  readonly cpuLimited: boolean
  /** Share of the time that one encoder was at work, 0 to 1. */
  readonly encoding: number | undefined
}

/** What one path was found to carry. */
export interface LinkQuality {
  /** The largest size of picture it carries, as an index of sizes: 0 for the best. */
  readonly rung: number
  /** Samples since the picture was first sent. */
  readonly samples: number
  /** The platform's estimate has once been enough for the largest picture: a low one from now on is a fall, not a beginning. */
  readonly proven: boolean
  /** Samples in a row that ask for a smaller picture, and that allow a larger one. */
  readonly low: number
  readonly high: number
  readonly availableBitrate: number | undefined
  /** Shortest round trip seen, which is the path's own without a queue. */
  readonly minRoundTripMs: number
}

export const newLink: LinkQuality = {
  rung: 0,
  samples: 0,
  proven: false,
  low: 0,
  high: 0,
  availableBitrate: undefined,
  minRoundTripMs: Infinity,
}

/** Samples before a path that has not proven itself is judged: the platform's estimate begins low and grows for seconds. */
const FIRST_SAMPLES = 5
const LOW_SAMPLES = 2
const HIGH_SAMPLES = 2
/** Without an estimate there is only the absence of trouble to go by, so a step up waits longer. */
const BLIND_HIGH_SAMPLES = 5
/** An estimate that rises by this much between two samples is still on its way. */
const GROWTH = 1.05
/** A larger picture needs this much more than its least bitrate, or it would be taken back at once. */
const MARGIN = 1.25
const BAD_LOSS = 0.1
/** A round trip that is this much longer than the shortest means that packets queue up. */
const QUEUE_MS = 400

/** What is known of a path after one more sample. One that is a second old is expected each time. */
export function judgeLink(link: LinkQuality, sample: SendSample): LinkQuality {
  const { availableBitrate, loss = 0, roundTripMs } = sample
  const minRoundTripMs = Math.min(link.minRoundTripMs, roundTripMs ?? Infinity)
  const proven = link.proven || findRung(availableBitrate ?? 0) === 0
  const base = { ...link, samples: link.samples + 1, proven, availableBitrate, minRoundTripMs }
  if (base.samples <= FIRST_SAMPLES && !link.proven) return base
  if (availableBitrate === undefined) {
    const troubled = loss > BAD_LOSS || (roundTripMs ?? 0) > minRoundTripMs + QUEUE_MS
    const low = troubled ? link.low + 1 : 0
    const high = troubled ? 0 : link.high + 1
    if (low >= LOW_SAMPLES) return moveTo(base, link.rung + 1)
    return high >= BLIND_HIGH_SAMPLES ? moveTo(base, link.rung - 1) : { ...base, low, high }
  }
  const growing = availableBitrate > (link.availableBitrate ?? 0) * GROWTH
  const fitting = findRung(availableBitrate)
  const comfortable = findRung(availableBitrate / MARGIN)
  // Loss beside a low estimate, or a fall by more than one size, leaves no doubt.
  const weight = loss > BAD_LOSS || fitting > link.rung + 1 ? LOW_SAMPLES : 1
  const low = fitting > link.rung && !growing ? link.low + weight : 0
  const high = comfortable < link.rung ? link.high + 1 : 0
  if (low >= LOW_SAMPLES) return moveTo(base, fitting)
  return high >= HIGH_SAMPLES ? moveTo(base, comfortable) : { ...base, low, high }
}

/** What the processor was found to manage. */
export interface CpuLoad {
  /** Sizes below what paths and people allow. */
  readonly steps: number
  readonly busy: number
  readonly idle: number
}

export const idleCpu: CpuLoad = { steps: 0, busy: 0, idle: 0 }

const BUSY_SAMPLES = 3
const IDLE_SAMPLES = 8
/** An encoder at work for more of the time than this drops frames. */
const BUSY_ENCODING = 0.8

/** What is known of the processor after one more round of samples: it is shared by all connections. */
export function judgeCpu(cpu: CpuLoad, samples: readonly SendSample[]): CpuLoad {
  const isBusy = samples.some(({ cpuLimited, encoding = 0 }) => cpuLimited || encoding > BUSY_ENCODING)
  const busy = isBusy ? cpu.busy + 1 : 0
  const idle = isBusy ? 0 : cpu.idle + 1
  if (busy >= BUSY_SAMPLES) return { steps: Math.min(LAST_RUNG, cpu.steps + 1), busy: 0, idle: 0 }
  if (idle >= IDLE_SAMPLES) return { steps: Math.max(0, cpu.steps - 1), busy: 0, idle: 0 }
  return { ...cpu, busy, idle }
}

function moveTo(link: LinkQuality, rung: number): LinkQuality {
  return { ...link, rung: Math.min(LAST_RUNG, Math.max(0, rung)), low: 0, high: 0 }
}
