import { site } from '../../site.config'
import { browser, remove } from './storage'

/** Where the rooms that someone was in are stored. */
export const ROOMS_KEY = 'patchbay.rooms'
/** Where the keys are stored with which this browser is a host. */
export const HOSTS_KEY = 'patchbay.hosts'

/** Deletes the names and keys of rooms from a browser that was here before the site did without them. */
export function dropKeptRooms(): void {
  if (site.features.recentRooms) return
  for (const key of [ROOMS_KEY, HOSTS_KEY]) remove(browser, key)
}
