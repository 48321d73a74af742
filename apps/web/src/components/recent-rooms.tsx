'use client'
import type { ReactNode } from 'react'
import { ROOMS_KEY } from '@/lib/identity'
import { createLazyCode } from '@/lib/lazy-code'
import { browser, read } from '@/lib/storage'
import { useHydrated } from '@/lib/use-hydrated'
import { site } from '@/site'

/** Only who was in a room before needs it. */
const code = createLazyCode(() => import('./recent-list'))

/** Rooms that someone was in with this browser, unless the site does without. */
export function RecentRooms(): ReactNode {
  const hydrated = useHydrated()
  const List = code.use(site.features.recentRooms && hydrated && read(browser, ROOMS_KEY) !== undefined)?.RecentList
  return List === undefined ? null : <List />
}
