import { createStore } from '@patchbay/core/store'
import { useSyncExternalStore } from 'react'
import { leaveFullScreen } from './use-full-screen'

/** A short notice in the corner of the page. */
export interface ToastContent {
  readonly title: string
  readonly description?: string
  readonly type?: 'error'
  /** `high`: a screen reader says it at once, and nothing goes on filling the screen before it. */
  readonly priority?: 'high'
  /** How long it is shown, in milliseconds; 0: until it is closed. */
  readonly timeout?: number
  /** A button on it. */
  readonly actionProps?: { readonly children: string; readonly onClick: () => void }
}

/** What shows toasts. Its code is fetched later than the first of them may come. */
interface Toaster {
  add(toast: ToastContent & { readonly id: string }): void
  close(id: string): void
}

const waiting = createStore<readonly (ToastContent & { readonly id: string })[]>([])
let toaster: Toaster | undefined
let count = 0

/** Shows a toast, now or as soon as there is a toaster. @returns its id. */
export function addToast(content: ToastContent): string {
  if (content.priority === 'high') leaveFullScreen()
  const toast = { ...content, id: `toast-${(count += 1)}` }
  if (toaster === undefined) waiting.set([...waiting.getSnapshot(), toast])
  else toaster.add(toast)
  return toast.id
}

export function closeToast(id: string): void {
  waiting.set(waiting.getSnapshot().filter((toast) => toast.id !== id))
  toaster?.close(id)
}

/** Hook. @returns whether a toast waits for a toaster. */
export function useWaitingToast(): boolean {
  return useSyncExternalStore(
    waiting.subscribe,
    () => waiting.getSnapshot().length > 0,
    () => false,
  )
}

/** Forgets the toasts that wait: they are about a room that was left. */
export function dropWaitingToasts(): void {
  waiting.set([])
}

/** From now on this toaster shows them. @returns what ends that. */
export function connectToaster(next: Toaster): () => void {
  toaster = next
  for (const toast of waiting.getSnapshot()) next.add(toast)
  waiting.set([])
  return () => {
    if (toaster === next) toaster = undefined
  }
}
