/** Why a camera, microphone or screen is not available. */
export type MediaFailure =
  /** The person or the browser's settings denied access. */
  | 'denied'
  /** The operating system keeps the device from the browser. */
  | 'system'
  /** No such device is plugged in. */
  | 'missing'
  /** Another program is using it. */
  | 'busy'
  /** Browsers give devices only to pages on https or localhost. */
  | 'insecure'
  /** The device was unplugged or its permission withdrawn while it was on. */
  | 'ended'
  /** Too many others are sending video: one more would overload everyone's connections. */
  | 'crowded'
  | 'failed'

/** Maps a `getUserMedia` or `getDisplayMedia` error to a reason (W3C Media Capture §10.2.4, Screen Capture §5.1). */
export function mediaFailureOf(error: unknown): MediaFailure {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
      // Chromium has no other sign of it: "Permission denied by system".
      return error instanceof Error && error.message.endsWith('by system') ? 'system' : 'denied'
    case 'SecurityError':
      return 'denied'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing'
    case 'NotReadableError':
    case 'AbortError':
      return 'busy'
    default:
      return 'failed'
  }
}
