import type { Source } from './local-media.ts'
import type { MediaFailure } from './media-failure.ts'
import { anySize, type ShownSizes } from './picture-sizes.ts'

/** Limits of one source on one connection (W3C WebRTC §5.2.5): bits per second, frames per second, pixels of height. */
interface SourceLimits {
  /** Whether it is sent at all. */
  readonly isShown: boolean
  readonly maxBitrate: number
  readonly maxFramerate?: number
  readonly maxHeight?: number
  readonly priority: RTCPriorityType
}

/** Limits of each source on one connection. */
export type SendLimits = Readonly<Record<Source, SourceLimits>>

/** Most cameras in one room: each page sends its video to everyone else and decodes one from each. */
export const MAX_CAMERAS = 8

/** Total bitrate of all copies of the camera's video, in bits per second. */
const UPLINK_BITRATE = 3_600_000
const MIN_CAMERA_BITRATE = 120_000
const MAX_CAMERA_BITRATE = 1_500_000
/** A screen's bitrate, as a multiple of the camera's. */
const SCREEN_SHARE = 2

/**
 * Camera video sizes, largest first, each with the lowest bitrate at which it still looks good and the highest it can
 * use. Chromium probes for more bandwidth while it sends less than its estimate (GCC's application-limited region).
 */
const rungs = [
  { fromBitrate: 750_000, maxBitrate: MAX_CAMERA_BITRATE, maxHeight: 720, maxFramerate: 30 },
  { fromBitrate: 400_000, maxBitrate: 900_000, maxHeight: 480, maxFramerate: 24 },
  { fromBitrate: 250_000, maxBitrate: 450_000, maxHeight: 360, maxFramerate: 20 },
  { fromBitrate: 110_000, maxBitrate: 220_000, maxHeight: 240, maxFramerate: 15 },
  { fromBitrate: 0, maxBitrate: 120_000, maxHeight: 180, maxFramerate: 12 },
] as const

/** With more receivers than this there is no 720p: encoding it for each would overload a phone's CPU. */
const MAX_LARGE_RECEIVERS = 2

/** Index of the smallest size. */
export const LAST_RUNG: number = rungs.length - 1

/** @returns the index of the largest size, 0 for the best, that fits `bitrate` bits per second. */
export function findRung(bitrate: number): number {
  return rungs.findIndex(({ fromBitrate }) => bitrate >= fromBitrate)
}

/** @returns the index of the smallest size that fills `height` pixels. */
function rungFor(height: number): number {
  return Math.max(
    0,
    rungs.findLastIndex(({ maxHeight }) => maxHeight >= height),
  )
}

/** @returns the camera's bitrate per connection, in bits per second, for this number of receivers. */
function shareUplink(receivers: number): number {
  const share = Math.min(MAX_CAMERA_BITRATE, UPLINK_BITRATE / Math.max(1, receivers))
  return Math.round(Math.max(MIN_CAMERA_BITRATE, share))
}

/**
 * Why a source may not be turned on.
 * @param cameras number of other members whose camera is on.
 * @returns `crowded` when one more camera would overload everyone's connections.
 */
export function objectionTo(source: Source, cameras: number): MediaFailure | undefined {
  return source === 'camera' && cameras >= MAX_CAMERAS ? 'crowded' : undefined
}

/**
 * What to send on one connection.
 * @param receivers number of those who see the picture.
 * @param rung the largest size that this connection and the CPU allow.
 * @param shown how large the pictures are at the other end.
 */
export function limitSending(receivers: number, rung: number, shown: ShownSizes = anySize): SendLimits {
  const share = shareUplink(receivers)
  const largest = Math.max(findRung(share), receivers > MAX_LARGE_RECEIVERS ? 1 : 0)
  const allowed = Math.min(LAST_RUNG, Math.max(rung, largest))
  const { maxBitrate, maxHeight, maxFramerate } = rungs[Math.max(allowed, rungFor(shown.camera))] ?? rungs[0]
  return {
    microphone: { isShown: true, maxBitrate: 40_000, priority: 'high' },
    camera: {
      isShown: shown.camera > 0,
      maxBitrate: Math.min(share, maxBitrate),
      maxHeight,
      maxFramerate,
      priority: 'low',
    },
    // Text must stay sharp: fewer frames, all pixels.
    screen: {
      isShown: shown.screen > 0,
      maxBitrate: SCREEN_SHARE * share,
      maxFramerate: Math.min(15, rungs[allowed]?.maxFramerate ?? 15),
      priority: 'medium',
    },
    screenAudio: { isShown: true, maxBitrate: 64_000, priority: 'high' },
  }
}
