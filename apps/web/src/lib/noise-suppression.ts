import type { TrackProcessor } from '@patchbay/core/mesh'
import { createLazyCode } from './lazy-code'
import { within } from './within'

const denoiserCode = createLazyCode(() => import('./denoiser'))

/** How long everything may take to arrive and begin, in milliseconds: a microphone that is turned on is not heard meanwhile. */
const READY_MS = 5_000

/**
 * Removes noise from a microphone. Its code, 220 KB, is fetched by the first call.
 * @param onFailed called when it cannot, takes longer than 5 s, or breaks later.
 */
export function createNoiseSuppressor(onFailed: () => void): TrackProcessor {
  return async (track) => {
    const made = denoiserCode.load().then(({ denoise }) => denoise(track, onFailed))
    try {
      return await within(READY_MS, made)
    } catch (error) {
      // It may still come, and is not wanted any more.
      made.then((late) => late.stop()).catch(() => {})
      onFailed()
      throw error
    }
  }
}
