import type { TrackProcessor } from '@patchbay/core/mesh'
import { createLazyCode } from './lazy-code'
import { createSwitch } from './switch'

/** Whether noise is removed from the microphone, beyond what the browser does. */
export const noiseSuppression = createSwitch('patchbay.noise-suppression', false)

const denoiserCode = createLazyCode(() => import('./denoiser'))

/** Whether this browser can: the code runs on its thread for sound. */
export function canSuppressNoise(): boolean {
  return 'AudioWorkletNode' in window
}

/** Removes noise from a microphone. Its code, 220 KB, is fetched by the first call. @param onFailed called when it cannot. */
export function createNoiseSuppressor(onFailed: () => void): TrackProcessor {
  return async (track) => {
    try {
      const { denoise } = await denoiserCode.get()
      return await denoise(track)
    } catch (error) {
      onFailed()
      throw error
    }
  }
}
