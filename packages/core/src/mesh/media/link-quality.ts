import { findRung, LAST_RUNG } from './send-budget.ts'

/** Sending statistics of one connection since the last sample. */
export interface SendSample {
  /** The platform's bandwidth estimate, in bits per second; `undefined` where there is none, as in Firefox. */
  readonly availableBitrate: number | undefined
  /** Sound and picture, in bits per second; `Infinity` with two pictures: nothing tells how much of the estimate each may use. */
  readonly sentBitrate: number
  /** Share of packets that the other end reports lost, 0 to 1. */
  readonly loss: number | undefined
  readonly roundTripMs: number | undefined
  /** The platform reports that the CPU limits the video (W3C webrtc-stats, `qualityLimitationReason`). */
  readonly cpuLimited: boolean
  /** Share of the time that the busiest encoder was working, 0 to 1. */
  readonly encoding: number | undefined
}

/** Estimated quality of one path. */
export interface LinkQuality {
  /** The largest video size it carries, as an index: 0 is the largest. */
  readonly rung: number
  /** Samples since video was first sent. */
  readonly samples: number
  /** The estimate was once enough for the largest size: a low one is now a real drop, not the initial ramp-up. */
  readonly proven: boolean
  /** Consecutive samples that call for a smaller size, and that allow a larger one. */
  readonly low: number
  readonly high: number
  readonly availableBitrate: number | undefined
  /** Shortest round trip seen: the path's own latency, without queueing. */
  readonly minRoundTripMs: number
  /** Samples without problems that allow a larger size where nothing measures whether the path carries it. */
  readonly patience: number
  /** Without an estimate: the size that was tried last, until it is known that the path carries it. */
  readonly doubted: number | undefined
}

/** Samples without problems that allow a larger size where there is no other evidence: at first, and after several failed tries. */
const BLIND_HIGH_SAMPLES = 5
const MAX_PATIENCE = 40

export const newLink: LinkQuality = {
  rung: 0,
  samples: 0,
  proven: false,
  low: 0,
  high: 0,
  availableBitrate: undefined,
  minRoundTripMs: Infinity,
  patience: BLIND_HIGH_SAMPLES,
  doubted: undefined,
}

/** Samples before an unproven path is judged: the platform's estimate starts low and grows for seconds. */
const FIRST_SAMPLES = 5
const LOW_SAMPLES = 2
const HIGH_SAMPLES = 2
/** Chromium's estimate does not grow while less than this share of it is sent (GCC's application-limited region). */
const FILLING = 0.65
/** An estimate that rises by this factor between two samples is still ramping up. */
const GROWTH = 1.05
/** Stepping up needs this factor above the larger size's minimum bitrate, or it would be reverted at once. */
const MARGIN = 1.25
/** With this factor, one sample is enough: so much was measured with a probe. */
const AMPLE = 2
const BAD_LOSS = 0.1
/** A round trip longer than the shortest one by this much means that packets are queueing. */
const QUEUE_MS = 400

/** Updates a path's estimated quality with a sample, which is expected once a second. */
export function judgeLink(link: LinkQuality, sample: SendSample): LinkQuality {
  const { availableBitrate, sentBitrate, loss = 0, roundTripMs } = sample
  const minRoundTripMs = Math.min(link.minRoundTripMs, roundTripMs ?? Infinity)
  const proven = link.proven || findRung(availableBitrate ?? 0) === 0
  const base = { ...link, samples: link.samples + 1, proven, availableBitrate, minRoundTripMs }
  if (base.samples <= FIRST_SAMPLES && !link.proven) return base
  if (availableBitrate === undefined) {
    const troubled = loss > BAD_LOSS || (roundTripMs ?? 0) > minRoundTripMs + QUEUE_MS
    const low = troubled ? link.low + 1 : 0
    const high = troubled ? 0 : link.high + 1
    const { rung, doubted, patience } = link
    if (low >= LOW_SAMPLES) return moveTo(base, rung + 1, rung === doubted ? longer(patience) : patience)
    // On the way back to a size that has failed, those below it are nothing new.
    if (high >= patience && rung > 0)
      return { ...moveTo(base, rung - 1), doubted: Math.min(rung - 1, doubted ?? LAST_RUNG) }
    const isCarried = rung === doubted && high >= BLIND_HIGH_SAMPLES
    return { ...base, low, high, ...(isCarried && { patience: BLIND_HIGH_SAMPLES, doubted: undefined }) }
  }
  const growing = availableBitrate > (link.availableBitrate ?? 0) * GROWTH
  const isMeasured = sentBitrate >= FILLING * availableBitrate || loss > BAD_LOSS
  const fitting = findRung(availableBitrate)
  const comfortable = findRung(availableBitrate / MARGIN)
  // A low estimate together with loss, or a drop by more than one size, is conclusive.
  const isSudden = fitting > link.rung + 1
  const weight = loss > BAD_LOSS || isSudden ? LOW_SAMPLES : 1
  const low = fitting > link.rung && !growing && isMeasured ? link.low + weight : 0
  // After a sudden drop a queue has to drain too, and the key frame of the new size has to get through it.
  if (low >= LOW_SAMPLES) return moveTo(base, isSudden ? fitting + 1 : fitting, longer(link.patience))
  const high = comfortable < link.rung || !isMeasured ? link.high + 1 : 0
  const carried = high >= HIGH_SAMPLES ? comfortable : findRung(availableBitrate / AMPLE)
  if (carried < link.rung) return moveTo(base, carried, BLIND_HIGH_SAMPLES)
  // A higher limit may make Chromium measure again. One size above the estimate says enough.
  return high >= link.patience && fitting <= link.rung ? moveTo(base, link.rung - 1) : { ...base, low, high }
}

/** Estimated CPU load. */
export interface CpuLoad {
  /** Steps below the size that each path allows; what the number of people and the view allow may be smaller. */
  readonly steps: number
  readonly busy: number
  readonly idle: number
}

export const idleCpu: CpuLoad = { steps: 0, busy: 0, idle: 0 }

const BUSY_SAMPLES = 3
const IDLE_SAMPLES = 8
/** An encoder that works for more than this share of the time drops frames. */
const BUSY_ENCODING = 0.8

/** Updates the estimated CPU load with one round of samples; all connections share the CPU. */
export function judgeCpu(cpu: CpuLoad, samples: readonly SendSample[]): CpuLoad {
  const isBusy = samples.some(({ cpuLimited, encoding = 0 }) => cpuLimited || encoding > BUSY_ENCODING)
  const busy = isBusy ? cpu.busy + 1 : 0
  const idle = isBusy ? 0 : cpu.idle + 1
  if (busy >= BUSY_SAMPLES) return { steps: Math.min(LAST_RUNG, cpu.steps + 1), busy: 0, idle: 0 }
  if (idle >= IDLE_SAMPLES) return { steps: Math.max(0, cpu.steps - 1), busy: 0, idle: 0 }
  return { ...cpu, busy, idle }
}

function moveTo(link: LinkQuality, rung: number, patience = link.patience): LinkQuality {
  return { ...link, rung: Math.min(LAST_RUNG, Math.max(0, rung)), patience, low: 0, high: 0 }
}

const longer = (patience: number) => Math.min(MAX_PATIENCE, 2 * patience)
