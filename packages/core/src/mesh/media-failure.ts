/** Why a camera, microphone or screen could not be had. */
export type MediaFailure =
  /** The person, or the browser's settings, said no. */
  | 'denied'
  /** No such device is plugged in. */
  | 'missing'
  /** Another program holds it. */
  | 'busy'
  /** Browsers give devices to pages on https or localhost only. */
  | 'insecure'
  /** The device was unplugged or its permission taken back while it was on. */
  | 'ended'
  /** So many others send pictures that one more would be too much for everybody's line. */
  | 'crowded'
  | 'failed'

/** Names the reason in an error of `getUserMedia` or `getDisplayMedia` (W3C Media Capture §10.2.4, Screen Capture §5.1). */
export function mediaFailureOf(error: unknown): MediaFailure {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
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
