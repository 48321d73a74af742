import { useSyncExternalStore } from 'react'

const never = () => () => {}

/** `false` on the server and in the first render, so that both produce the same markup; `true` afterwards. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
}
