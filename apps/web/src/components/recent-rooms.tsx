'use client'
import type { ReactNode } from 'react'
import { ROOMS_KEY } from '@/lib/kept-rooms'
import { createLazyCode } from '@/lib/lazy-code'
import { browser, read } from '@/lib/storage'
import { useHydrated } from '@/lib/use-hydrated'
import { site } from '@/site'

/** Only who was in a room before needs it. */
const code = createLazyCode(() => import('./recent-list'))

/** Rooms that someone was in with this browser, unless the site does without. @param isBack they come from a room, which may not be noted yet. */
export function RecentRooms({ isBack }: { readonly isBack: boolean }): ReactNode {
  const hydrated = useHydrated()
  const isWanted = site.features.recentRooms && hydrated && (isBack || read(browser, ROOMS_KEY) !== undefined)
  const List = code.use(isWanted)?.RecentList
  return List === undefined ? null : <List />
}
