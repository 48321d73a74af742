import type { TrackProcessor } from '@patchbay/core/mesh'
import { createLazyCode } from './lazy-code'

const denoiserCode = createLazyCode(() => import('./denoiser'))

/** Removes noise from a microphone. Its code, 220 KB, is fetched by the first call. @param onFailed called when it cannot. */
export function createNoiseSuppressor(onFailed: () => void): TrackProcessor {
  return async (track) => {
    try {
      const { denoise } = await denoiserCode.load()
      return await denoise(track)
    } catch (error) {
      onFailed()
      throw error
    }
  }
}
