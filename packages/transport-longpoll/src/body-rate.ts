import type { Rate } from '@patchbay/core/hub'

/**
 * Bytes of bodies for what a session may say, in UTF-16 code units: each takes three bytes at most, and as JSON some take more.
 * @param traffic of a session.
 */
export function bodyRateOf({ perSecond, burst }: Rate): Rate {
  return { perSecond: 4 * perSecond, burst: 4 * burst }
}
