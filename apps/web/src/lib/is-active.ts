import type { SourceState } from '@patchbay/core/mesh'

/** Whether a device is on, and not muted: others see or hear what it gives. */
export function isActive(state: SourceState | undefined): boolean {
  return state?.status === 'on' && !state.muted
}
