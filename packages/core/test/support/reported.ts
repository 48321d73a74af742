import { vi } from 'vitest'

/** Collects what is reported as an uncaught error, until `vi.unstubAllGlobals`. */
export function collectReported(): unknown[] {
  const reported: unknown[] = []
  const later = queueMicrotask
  vi.stubGlobal('queueMicrotask', (task: () => void) =>
    later(() => {
      try {
        task()
      } catch (error) {
        reported.push(error)
      }
    }),
  )
  return reported
}
