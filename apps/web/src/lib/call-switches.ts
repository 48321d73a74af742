import { createSwitch } from './switch'

/** Whether the page makes sounds when people come, go or write. */
export const chimes = createSwitch('patchbay.chimes', true)

/** Whether the system shows notices of what happens in the room while the page is hidden. */
export const notices = createSwitch('patchbay.notices', false)

/** Whether noise is removed from the microphone, beyond what the browser does. */
export const noiseSuppression = createSwitch('patchbay.noise-suppression', false)

/** Whether the browser has notices at all. */
export function canNotify(): boolean {
  return 'Notification' in window
}

/** Whether the browser can remove noise: the code runs on its thread for sound. */
export function canSuppressNoise(): boolean {
  return 'AudioWorkletNode' in window
}

/** Whether the browser can record to disk. */
export function canRecord(): boolean {
  const { storage } = navigator as Partial<Pick<Navigator, 'storage'>>
  return (
    typeof MediaRecorder === 'function' &&
    'captureStream' in HTMLCanvasElement.prototype &&
    typeof storage?.getDirectory === 'function' &&
    'createWritable' in FileSystemFileHandle.prototype
  )
}
